"""What a program with redis-py does with a cluster, failovers included."""
import sys
from redis.cluster import RedisCluster

rdb = RedisCluster(host="127.0.0.1", port=int(sys.argv[1]))


def heard(subscription, payload):
    """Publishes until the subscription, which may have to be made again, hears it."""
    for _ in range(1000):
        rdb.publish("news", payload)
        try:
            message = subscription.get_message(timeout=0.1)
        except ConnectionError:
            continue
        if message and message["type"] == "message" and message["data"] == payload:
            return
    raise SystemExit("nothing was heard")


def work(run):
    for i in range(100):
        key = f"key:{i}"
        rdb.set(key, run + i)
        assert rdb.get(key) == b"%d" % (run + i)
    pipe = rdb.pipeline()
    for i in range(100):
        pipe.incr(f"key:{i}")
    assert pipe.execute() == [run + i + 1 for i in range(100)]
    rdb.mset_nonatomic({f"key:{i}": i for i in range(100)})
    assert rdb.mget_nonatomic([f"key:{i}" for i in range(100)]) == [b"%d" % i for i in range(100)]
    assert rdb.dbsize(target_nodes=RedisCluster.PRIMARIES) == 100, rdb.dbsize()


assert len(rdb.get_primaries()) == 3 and len(rdb.get_replicas()) == 3
work(0)
for run, shard in enumerate(["0001", "0002", "0003"], 1):
    subscription = rdb.pubsub()
    subscription.subscribe("news")
    heard(subscription, b"before")
    subscription.close()
    print("failover", shard)
    assert sys.stdin.readline() == "stable\n"
    work(run * 1000)
    subscription = rdb.pubsub()
    subscription.subscribe("news")
    heard(subscription, b"after")
    subscription.close()

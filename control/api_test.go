package control

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elasticache-local/endpoint"
)

// send posts a call and gives the status and the body, the request id blanked.
func send(t *testing.T, s *Server, query string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+s.Addr().String()+"/", strings.NewReader(query))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return do(t, r)
}

var requestIDs = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)

func do(t *testing.T, r *http.Request) (int, string) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(r)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, requestIDs.ReplaceAllString(string(body), "ID")
}

// accepted posts a call that has to succeed.
func accepted(t *testing.T, s *Server, query string) string {
	t.Helper()
	status, body := send(t, s, query)
	require.Equal(t, 200, status, body)
	return body
}

// refused posts a call that has to fail with the status, code and message.
func refused(t *testing.T, s *Server, query string, status int, code, message string) {
	t.Helper()
	got, body := send(t, s, query)
	require.Equal(t, status, got, body)
	require.Contains(t, body, "<Code>"+code+"</Code>", query)
	require.Contains(t, body, "<Message>"+message, query)
}

func TestErrorHasTheServicesForm(t *testing.T) {
	t.Parallel()
	s := serve(t, newFake(sharded()))
	status, body := send(t, s, "Action=DescribeReplicationGroups&Version=2015-02-02&ReplicationGroupId=no<such")
	require.Equal(t, 404, status)
	require.Equal(t, `<ErrorResponse xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/"><Error><Type>Sender</Type>`+
		`<Code>ReplicationGroupNotFoundFault</Code><Message>ReplicationGroup no&lt;such not found.</Message></Error>`+
		`<RequestId>ID</RequestId></ErrorResponse>`, body)
}

func TestRequestsThatAreNotCalls(t *testing.T) {
	t.Parallel()
	f := newFake(sharded())
	s := serve(t, f)
	refused(t, s, "", 400, "MissingAction", "The request must contain the parameter Action")
	refused(t, s, "Action=CreateCacheCluster&Version=2015-02-02", 400, "InvalidAction",
		"Could not find operation CreateCacheCluster for version 2015-02-02: it does not exist in elasticache-local, which has DecreaseReplicaCount, DescribeCacheClusters, ")
	refused(t, s, "Action=DescribeEvents&Version=2014-09-30", 400, "InvalidAction",
		"Could not find operation DescribeEvents for version 2014-09-30: the only version is 2015-02-02.")
	refused(t, s, "Action=DescribeEvents&Duration=soon", 400, "MalformedInput", "Invalid value &#34;soon&#34; for Duration: an integer is expected.")
	refused(t, s, "Action=%", 404, "MalformedQueryString", "The query string contains a syntax error: ")
	refused(t, s, "Action="+strings.Repeat("x", maxBodyBytes), 413, "RequestEntityTooLarge", "The request is larger than 262144 bytes.")
	refused(t, s, "Action=DescribeReplicationGroups&ReplicationGroupId="+strings.Repeat("x", 5000), 404, "ReplicationGroupNotFoundFault",
		"ReplicationGroup "+strings.Repeat("x", maxEcho)+"… not found.")

	f.mu.Lock()
	f.mu.broken = errors.New("disk on fire")
	f.mu.Unlock()
	status, body := send(t, s, "Action=TestFailover&ReplicationGroupId=local&NodeGroupId=0001")
	require.Equal(t, 500, status)
	require.Contains(t, body, "<Type>Receiver</Type><Code>InternalFailure</Code><Message>An internal error occurred: disk on fire</Message>")

	for _, request := range []string{"GET /nothing", "PUT /", "POST /healthz"} {
		method, path, _ := strings.Cut(request, " ")
		r, err := http.NewRequest(method, "http://"+s.Addr().String()+path, nil)
		require.NoError(t, err)
		status, _ := do(t, r)
		require.Contains(t, []int{404, 405}, status, request)
	}
}

func TestGetWithAQueryStringWorks(t *testing.T) {
	t.Parallel()
	s := serve(t, newFake(sharded()))
	r, err := http.NewRequest("GET", "http://"+s.Addr().String()+"/?Action=DescribeReplicationGroups&Version=2015-02-02", nil)
	require.NoError(t, err)
	status, body := do(t, r)
	require.Equal(t, 200, status)
	require.Contains(t, body, "<ReplicationGroupId>local</ReplicationGroupId>")
}

func TestPagesOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	f := newFake(sharded())
	s := serve(t, f)
	r, err := http.NewRequest("GET", "http://"+s.Addr().String()+"/?Action=TestFailover&ReplicationGroupId=local&NodeGroupId=0001", nil)
	require.NoError(t, err)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	status, _ := do(t, r)
	require.Equal(t, 403, status)
	require.Empty(t, f.begun)
}

func TestSignatureIsDemandedOnRequest(t *testing.T) {
	t.Parallel()
	s := serve(t, newFake(sharded()), func(c *Config) { c.RequireAuth = true })
	refused(t, s, "Action=DescribeReplicationGroups", 403, "MissingAuthenticationToken", "Request is missing Authentication Token")
	for header, want := range map[string]int{
		"AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/elasticache/aws4_request, SignedHeaders=host, Signature=00": 200,
		"AWS4-HMAC-SHA256 nonsense": 400,
	} {
		r, err := http.NewRequest("GET", "http://"+s.Addr().String()+"/?Action=DescribeReplicationGroups", nil)
		require.NoError(t, err)
		r.Header.Set("Authorization", header)
		status, body := do(t, r)
		require.Equal(t, want, status, body)
	}
}

func TestDescribeReplicationGroupsInClusterMode(t *testing.T) {
	t.Parallel()
	s := serve(t, newFake(sharded()))
	body := accepted(t, s, "Action=DescribeReplicationGroups&Version=2015-02-02&ReplicationGroupId=LOCAL")
	hash := endpoint.Hash("", "us-east-1")
	require.True(t, strings.HasPrefix(body, `<DescribeReplicationGroupsResponse xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/">`+
		`<DescribeReplicationGroupsResult><ReplicationGroups><ReplicationGroup><ReplicationGroupId>local</ReplicationGroupId>`+
		`<Description>a &lt;group&gt; &amp; more</Description><GlobalReplicationGroupInfo></GlobalReplicationGroupInfo>`+
		`<Status>available</Status><PendingModifiedValues></PendingModifiedValues>`+
		`<MemberClusters><ClusterId>local-0001-001</ClusterId><ClusterId>local-0001-002</ClusterId>`), body)
	require.True(t, strings.HasSuffix(body, `</ReplicationGroups></DescribeReplicationGroupsResult>`+
		`<ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></DescribeReplicationGroupsResponse>`), body)
	for _, part := range []string{
		`<NodeGroup><NodeGroupId>0001</NodeGroupId><Status>available</Status><Slots>0-5460</Slots><NodeGroupMembers>` +
			`<NodeGroupMember><CacheClusterId>local-0001-001</CacheClusterId><CacheNodeId>0001</CacheNodeId>` +
			`<PreferredAvailabilityZone>us-east-1c</PreferredAvailabilityZone></NodeGroupMember>`,
		`<ConfigurationEndpoint><Address>local.` + hash + `.clustercfg.use1.cache.amazonaws.com</Address><Port>6379</Port></ConfigurationEndpoint>`,
		`<ReplicationGroupCreateTime>2026-01-02T02:04:05.678Z</ReplicationGroupCreateTime>`,
		`<ARN>arn:aws:elasticache:us-east-1:000000000000:replicationgroup:local</ARN>`,
		`<LogDeliveryConfigurations></LogDeliveryConfigurations>`,
		`<AutomaticFailover>enabled</AutomaticFailover><MultiAZ>enabled</MultiAZ>`,
		`<ClusterEnabled>true</ClusterEnabled>`, `<ClusterMode>enabled</ClusterMode><Engine>redis</Engine>`,
	} {
		require.Contains(t, body, part)
	}
	for _, absent := range []string{"CurrentRole", "ReadEndpoint", "PrimaryEndpoint", "ReaderEndpoint", "TransitEncryptionMode", "AuthTokenLastModifiedDate", "Marker"} {
		require.NotContains(t, body, "<"+absent+">")
	}
}

func TestDescribeReplicationGroupsWithClusterModeDisabled(t *testing.T) {
	t.Parallel()
	g := single()
	g.TLS, g.AuthTokenSince = true, epoch
	s := serve(t, newFake(g))
	body := accepted(t, s, "Action=DescribeReplicationGroups")
	for _, part := range []string{
		`<NodeGroupId>0001</NodeGroupId><Status>available</Status><PrimaryEndpoint><Address>` + g.Primary.Address + `</Address><Port>6379</Port></PrimaryEndpoint>` +
			`<ReaderEndpoint><Address>` + g.Reader.Address + `</Address><Port>6380</Port></ReaderEndpoint><NodeGroupMembers>`,
		`<CacheClusterId>cmd-001</CacheClusterId><CacheNodeId>0001</CacheNodeId><ReadEndpoint><Address>` + g.NodeGroups[0].Members[0].Endpoint.Address +
			`</Address><Port>6400</Port></ReadEndpoint><PreferredAvailabilityZone>us-east-1c</PreferredAvailabilityZone><CurrentRole>primary</CurrentRole>`,
		`<CurrentRole>replica</CurrentRole>`,
		`<TransitEncryptionMode>required</TransitEncryptionMode><ClusterMode>disabled</ClusterMode>`,
		`<AuthTokenEnabled>true</AuthTokenEnabled><AuthTokenLastModifiedDate>2026-01-02T03:04:05.678Z</AuthTokenLastModifiedDate><TransitEncryptionEnabled>true</TransitEncryptionEnabled>`,
	} {
		require.Contains(t, body, part)
	}
	require.NotContains(t, body, "ConfigurationEndpoint")
	require.NotContains(t, body, "<Slots>")
}

func TestDescribeCacheClusters(t *testing.T) {
	t.Parallel()
	g := sharded()
	s := serve(t, newFake(single(), g))
	all := accepted(t, s, "Action=DescribeCacheClusters")
	require.Equal(t, 9, strings.Count(all, "<CacheCluster>"))
	require.NotContains(t, all, "<CacheNodes>")
	require.Less(t, strings.Index(all, "cmd-003"), strings.Index(all, "local-0001-001"))

	one := accepted(t, s, "Action=DescribeCacheClusters&CacheClusterId=Local-0002-001&ShowCacheNodeInfo=true")
	require.Equal(t, 1, strings.Count(one, "<CacheCluster>"))
	for _, part := range []string{
		`<CacheNodes><CacheNode><CacheNodeId>0001</CacheNodeId><CacheNodeStatus>available</CacheNodeStatus><CacheNodeCreateTime>2026-01-02T02:04:05.678Z</CacheNodeCreateTime>` +
			`<Endpoint><Address>` + g.NodeGroups[1].Members[0].Endpoint.Address + `</Address><Port>6400</Port></Endpoint>` +
			`<ParameterGroupStatus>in-sync</ParameterGroupStatus><CustomerAvailabilityZone>us-east-1a</CustomerAvailabilityZone></CacheNode></CacheNodes>`,
		`<CacheParameterGroupName>default.redis7.cluster.on</CacheParameterGroupName>`,
		`<EngineVersion>7.1.0</EngineVersion><CacheClusterStatus>available</CacheClusterStatus><NumCacheNodes>1</NumCacheNodes>`,
		`<ARN>arn:aws:elasticache:us-east-1:000000000000:cluster:local-0002-001</ARN>`,
		`<ReplicationGroupId>local</ReplicationGroupId>`,
	} {
		require.Contains(t, one, part)
	}
	none := accepted(t, s, "Action=DescribeCacheClusters&ShowCacheClustersNotInReplicationGroups=true")
	require.Contains(t, none, "<CacheClusters></CacheClusters>")
	refused(t, s, "Action=DescribeCacheClusters&CacheClusterId=gone", 404, "CacheClusterNotFound", "CacheCluster not found: gone<")
}

func TestPaging(t *testing.T) {
	t.Parallel()
	g := sharded()
	names := endpoint.For(endpoint.Group{ID: "local", ClusterMode: true})
	g.NodeGroups = nil
	for shard := 1; shard <= 25; shard++ {
		g.NodeGroups = append(g.NodeGroups, NodeGroup{ID: endpoint.NodeGroupID(shard), Members: []Member{member(g, names, shard, 1), member(g, names, shard, 2)}})
	}
	s := serve(t, newFake(g))
	marker := regexp.MustCompile(`<Marker>(.*)</Marker>`)
	query, seen := "Action=DescribeCacheClusters&MaxRecords=20", 0
	for pages := 1; ; pages++ {
		body := accepted(t, s, query)
		seen += strings.Count(body, "<CacheCluster>")
		next := marker.FindStringSubmatch(body)
		if next == nil {
			require.Equal(t, 3, pages)
			break
		}
		query = "Action=DescribeCacheClusters&MaxRecords=20&Marker=" + url.QueryEscape(next[1])
	}
	require.Equal(t, 50, seen)
	for _, size := range []string{"0", "19", "101"} {
		refused(t, s, "Action=DescribeCacheClusters&MaxRecords="+size, 400, "InvalidParameterValue", "Invalid value for max records. Must be between 20 and 100<")
	}
	refused(t, s, "Action=DescribeCacheClusters&Marker=!", 400, "InvalidParameterValue", "Invalid marker: !")
	require.Contains(t, accepted(t, s, "Action=DescribeReplicationGroups&Marker=enp6"), "<ReplicationGroups></ReplicationGroups>", "past the last")
}

func TestDescribeEvents(t *testing.T) {
	t.Parallel()
	f := newFake(sharded())
	f.event(20*24*time.Hour, "replication-group", "local", "ancient")
	f.event(3*time.Hour, "replication-group", "local", "Replication group local created")
	f.event(30*time.Minute, "replication-group", "local", "Test Failover API called for node group 0001")
	f.event(29*time.Minute, "cache-cluster", "local-0001-001", "Recovering cache nodes 0001")
	s := serve(t, f)
	messages := func(query string) string {
		found := regexp.MustCompile(`<Message>(.*?)</Message>`).FindAllStringSubmatch(accepted(t, s, "Action=DescribeEvents"+query), -1)
		list := []string{}
		for _, m := range found {
			list = append(list, m[1])
		}
		return strings.Join(list, ", ")
	}
	const created, called, recovering = "Replication group local created", "Test Failover API called for node group 0001", "Recovering cache nodes 0001"
	require.Equal(t, recovering+", "+called, messages(""), "the last hour, newest first")
	require.Equal(t, recovering+", "+called+", "+created, messages("&Duration=20160"), "14 days at most")
	require.Equal(t, recovering+", "+called+", "+created, messages("&StartTime=2025-12-01T00:00:00Z"))
	require.Equal(t, created, messages("&StartTime=2026-01-02T00:00:00Z&Duration=60"))
	require.Equal(t, created, messages("&EndTime=2026-01-02T01:00:00Z"))
	require.Equal(t, called, messages("&SourceType=replication-group"))
	require.Equal(t, recovering, messages("&SourceType=cache-cluster&SourceIdentifier=Local-0001-001"))
	require.Empty(t, messages("&SourceIdentifier=other"))
	require.Contains(t, accepted(t, s, "Action=DescribeEvents&SourceType=cache-cluster"),
		`<Event><SourceIdentifier>local-0001-001</SourceIdentifier><SourceType>cache-cluster</SourceType><Message>Recovering cache nodes 0001</Message><Date>2026-01-02T02:35:05.678Z</Date></Event>`)

	refused(t, s, "Action=DescribeEvents&SourceType=snapshot", 400, "InvalidParameterValue", "Invalid source type snapshot.")
	refused(t, s, "Action=DescribeEvents&Duration=0", 400, "InvalidParameterValue", "Invalid value for duration.")
	refused(t, s, "Action=DescribeEvents&StartTime=2026-01-02&EndTime=2026-01-01", 400, "InvalidParameterValue", "Start time 2026-01-02T00:00:00.000Z is after end time")
	refused(t, s, "Action=DescribeEvents&StartTime=2026-01-01&EndTime=2026-01-02&Duration=5", 400, "InvalidParameterCombination", "StartTime, EndTime and Duration")
}

func TestEventsThatArriveBetweenPagesDoNotDisturbThem(t *testing.T) {
	t.Parallel()
	f := newFake()
	for i := range 30 {
		f.event(time.Minute, "replication-group", "local", fmt.Sprintf("event %d.", i))
	}
	s := serve(t, f)
	first := accepted(t, s, "Action=DescribeEvents&MaxRecords=20")
	require.Contains(t, first, "event 10.")
	require.NotContains(t, first, "event 9.")
	f.event(time.Minute, "replication-group", "local", "late")
	next := regexp.MustCompile(`<Marker>(.*)</Marker>`).FindStringSubmatch(first)[1]
	second := accepted(t, s, "Action=DescribeEvents&MaxRecords=20&Marker="+next)
	require.Equal(t, 10, strings.Count(second, "<Event>"))
	require.Contains(t, second, "event 9.")
	require.NotContains(t, second, "late")
}

func TestHealth(t *testing.T) {
	t.Parallel()
	f := newFake(sharded())
	s := serve(t, f)
	get := func() (int, string) {
		r, err := http.NewRequest("GET", "http://"+s.Addr().String()+"/healthz", nil)
		require.NoError(t, err)
		return do(t, r)
	}
	status, body := get()
	require.Equal(t, 200, status)
	require.Equal(t, "ok\n", body)
	f.mu.Lock()
	f.mu.health = errors.New("slots 0-5461 are not served")
	f.mu.Unlock()
	status, body = get()
	require.Equal(t, 503, status)
	require.Equal(t, "slots 0-5461 are not served\n", body)
}

func TestCloseEndsConnections(t *testing.T) {
	t.Parallel()
	s, err := Listen(Config{Addr: "127.0.0.1:0", Backend: newFake()})
	require.NoError(t, err)
	idle, err := net.Dial("tcp", s.Addr().String())
	require.NoError(t, err)
	defer idle.Close()
	_, err = fmt.Fprintf(idle, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	_, err = idle.Read(make([]byte, 1))
	require.NoError(t, err)
	_, err = Listen(Config{Addr: s.Addr().String(), Backend: newFake()})
	require.ErrorContains(t, err, "address already in use")
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	_, err = io.Copy(io.Discard, idle)
	require.NoError(t, err)
}

func TestCloseFreesThePort(t *testing.T) {
	t.Parallel()
	// A free port may go to anybody in between, so a few are tried.
	for attempt := 1; ; attempt++ {
		s, err := Listen(Config{Addr: "127.0.0.1:0", Backend: newFake()})
		require.NoError(t, err)
		require.NoError(t, s.Close())
		again, err := Listen(Config{Addr: s.Addr().String(), Backend: newFake()})
		if err == nil {
			require.NoError(t, again.Close())
			return
		}
		require.Less(t, attempt, 10, "never free again: %v", err)
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l := limit(inner, 1)
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		return conn
	}
	one, two := dial(), dial()
	defer one.Close()
	defer two.Close()
	first, err := l.Accept()
	require.NoError(t, err)
	second := make(chan net.Conn)
	go func() {
		conn, _ := l.Accept()
		second <- conn
	}()
	select {
	case <-second:
		t.Fatal("a second connection was accepted while the first is open")
	default:
	}
	require.NoError(t, first.Close())
	require.Error(t, first.Close())
	conn := <-second
	defer conn.Close()
	go func() {
		conn, _ := l.Accept()
		second <- conn
	}()
	require.NoError(t, l.Close())
	require.Nil(t, <-second)
}

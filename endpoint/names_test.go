package endpoint

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNamesHaveTheFormsOfTheService(t *testing.T) {
	t.Parallel()
	const hash = "HASH"
	for _, c := range []struct {
		title                 string
		tls, clusterMode      bool
		configuration         string
		primary, reader, node string
		nodeID                string
	}{{
		title: "cluster mode disabled", nodeID: "my-rg-002",
		primary: "my-rg.HASH.ng.0001.use1.cache.amazonaws.com",
		reader:  "my-rg-ro.HASH.ng.0001.use1.cache.amazonaws.com",
		node:    "my-rg-002.HASH.0001.use1.cache.amazonaws.com",
	}, {
		title: "cluster mode disabled, TLS", tls: true, nodeID: "my-rg-002",
		primary: "master.my-rg.HASH.use1.cache.amazonaws.com",
		reader:  "replica.my-rg.HASH.use1.cache.amazonaws.com",
		node:    "my-rg-002.my-rg.HASH.use1.cache.amazonaws.com",
	}, {
		title: "cluster mode enabled", clusterMode: true, nodeID: "my-rg-0003-001",
		configuration: "my-rg.HASH.clustercfg.use1.cache.amazonaws.com",
		node:          "my-rg-0003-001.HASH.0001.use1.cache.amazonaws.com",
	}, {
		title: "cluster mode enabled, TLS", clusterMode: true, tls: true, nodeID: "my-rg-0003-001",
		configuration: "clustercfg.my-rg.HASH.use1.cache.amazonaws.com",
		node:          "my-rg-0003-001.my-rg.HASH.use1.cache.amazonaws.com",
	}, {
		title: "single node, no replication group", nodeID: "my-rg",
		primary: "my-rg.HASH.ng.0001.use1.cache.amazonaws.com",
		reader:  "my-rg-ro.HASH.ng.0001.use1.cache.amazonaws.com",
		node:    "my-rg.HASH.0001.use1.cache.amazonaws.com",
	}} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			n := For(Group{ID: "My-RG", TLS: c.tls, ClusterMode: c.clusterMode})
			real := func(name string) string { return strings.ReplaceAll(name, hash, Hash("", "us-east-1")) }
			require.Equal(t, real(c.configuration), n.Configuration())
			require.Equal(t, real(c.primary), n.Primary())
			require.Equal(t, real(c.reader), n.Reader())
			require.Equal(t, real(c.node), n.Node(strings.ToUpper(c.nodeID)))
			for name, kind := range map[string]Kind{
				n.Configuration(): Configuration, n.Primary(): Primary, n.Reader(): Reader, n.Node(c.nodeID): Node,
			} {
				if name == "" {
					continue
				}
				for _, spelling := range []string{name, name + ".", strings.ToUpper(name)} {
					got, id := n.Parse(spelling)
					require.Equal(t, kind, got, spelling)
					if kind == Node {
						require.Equal(t, c.nodeID, id)
					} else {
						require.Empty(t, id)
					}
				}
			}
			for _, wild := range n.Wildcards() {
				_, rest, _ := strings.Cut(wild, ".")
				require.Contains(t, n.Configuration()+" "+n.Primary()+" "+n.Node(c.nodeID), rest)
			}
		})
	}
}

func TestParseKnowsOnlyTheGroupsOwnNames(t *testing.T) {
	t.Parallel()
	n := For(Group{ID: "local", ClusterMode: true})
	hash := Hash("", "us-east-1")
	for _, name := range []string{
		"", ".", "local", "use1.cache.amazonaws.com", hash + ".0001.use1.cache.amazonaws.com",
		"." + hash + ".0001.use1.cache.amazonaws.com",
		"local-0001-001.zzzzzz.0001.use1.cache.amazonaws.com",
		"local-0001-001." + hash + ".0001.euw1.cache.amazonaws.com",
		"a.local-0001-001." + hash + ".0001.use1.cache.amazonaws.com",
		"local." + hash + ".ng.0001.use1.cache.amazonaws.com",
		"clustercfg.local." + hash + ".use1.cache.amazonaws.com",
	} {
		kind, id := n.Parse(name)
		require.Equal(t, NotAName, kind, name)
		require.Empty(t, id, name)
	}
	kind, _ := Names{}.Parse("local")
	require.Equal(t, NotAName, kind)
	require.Empty(t, Names{}.Configuration()+Names{}.Primary()+Names{}.Reader()+Names{}.Node("x"))
	require.Empty(t, Names{}.Wildcards())
}

func FuzzParse(f *testing.F) {
	for _, tls := range []bool{false, true} {
		n := For(Group{ID: "local", ClusterMode: true, TLS: tls})
		f.Add(n.Configuration(), tls)
		f.Add(n.Node("local-0001-001"), tls)
		f.Add(n.Node("")+"..", tls)
	}
	f.Fuzz(func(t *testing.T, name string, tls bool) {
		n := For(Group{ID: "local", ClusterMode: true, TLS: tls})
		if kind, id := n.Parse(name); kind == Node {
			require.Equal(t, n.Node(id), strings.ToLower(strings.TrimSuffix(name, ".")))
		}
	})
}

func TestRegionCodes(t *testing.T) {
	t.Parallel()
	for region, code := range map[string]string{
		"us-east-1": "use1", "us-east-2": "use2", "us-west-1": "usw1", "us-west-2": "usw2",
		"ca-central-1": "cac1", "ca-west-1": "caw1", "mx-central-1": "mxc1", "sa-east-1": "sae1",
		"eu-west-1": "euw1", "eu-west-2": "euw2", "eu-west-3": "euw3", "eu-central-1": "euc1", "eu-central-2": "euc2",
		"eu-north-1": "eun1", "eu-south-1": "eus1", "eu-south-2": "eus2",
		"ap-northeast-1": "apne1", "ap-northeast-2": "apn2", "ap-northeast-3": "apn3",
		"ap-southeast-1": "apse1", "ap-southeast-2": "apse2", "ap-southeast-3": "apse3", "ap-southeast-4": "apse4",
		"ap-southeast-5": "apse5", "ap-southeast-7": "apse7",
		"ap-south-1": "aps1", "ap-south-2": "aps2", "ap-east-1": "ape1", "ap-east-2": "ape2",
		"af-south-1": "afs1", "me-south-1": "mes1", "me-central-1": "mec1", "il-central-1": "ilc1",
		"us-gov-west-1": "usgw1", "us-gov-east-1": "usge1", "cn-north-1": "cnn1", "cn-northwest-1": "cnw1",
		"US-EAST-1": "use1", "local": "local", "xx-moon-7": "xxm7", "": "use1", "--": "use1",
	} {
		require.Equal(t, code, RegionCode(region), region)
	}
	require.Equal(t, "cnn1.cache.amazonaws.com.cn", Zone("cn-north-1"))
	require.Equal(t, "euw1.cache.amazonaws.com", Zone("eu-west-1"))
	require.Equal(t, "aws-cn", Partition("cn-north-1"))
	require.Equal(t, "aws-us-gov", Partition("us-gov-west-1"))
	require.Equal(t, "aws", Partition("eu-west-1"))
}

func TestHashIsStableAndDependsOnAccountAndRegionOnly(t *testing.T) {
	t.Parallel()
	require.Regexp(t, regexp.MustCompile(`^[a-z0-9]{6}$`), Hash("", "us-east-1"))
	require.Equal(t, "1pot4r", Hash("", "us-east-1"), "written into users' configuration: must never change")
	require.Equal(t, Hash("000000000000", "us-east-1"), Hash("", "US-EAST-1"))
	require.NotEqual(t, Hash("", "us-east-1"), Hash("", "us-east-2"))
	require.NotEqual(t, Hash("", "us-east-1"), Hash("123456789012", "us-east-1"))
	a, b := For(Group{ID: "a", TLS: true}), For(Group{ID: "b", ClusterMode: true})
	require.Contains(t, a.Primary(), Hash("", DefaultRegion))
	require.Contains(t, b.Configuration(), Hash("", DefaultRegion))
}

func TestIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"a", "A1", "my-group", strings.Repeat("a", 40)} {
		require.NoError(t, ValidateGroupID(id), id)
	}
	for _, id := range []string{"", "1a", "-a", "a-", "a--b", "a_b", "ä", "a b", strings.Repeat("a", 41)} {
		require.Error(t, ValidateGroupID(id), id)
	}
	require.NoError(t, ValidateClusterID(strings.Repeat("a", 50)))
	require.ErrorContains(t, ValidateClusterID(strings.Repeat("a", 51)), "at most 50 characters")
	require.Equal(t, "local-0012-003", CacheClusterID("local", true, 12, 3))
	require.Equal(t, "local-003", CacheClusterID("local", false, 12, 3))
	require.Equal(t, "0007", NodeGroupID(7))
}

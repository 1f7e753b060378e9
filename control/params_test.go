package control

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func parsed(t *testing.T, query string) *input {
	t.Helper()
	p, err := parseParams(query)
	require.NoError(t, err)
	return newInput(p)
}

func TestListsUnderBothNames(t *testing.T) {
	t.Parallel()
	in := parsed(t, "A.Element.2=two&A.Element.10=ten&A.Element.1=one&B.member.3=x&C=&D.Element.1.Name=n&D.Element.1.L.member.1=deep&D.member.2.Name=m")
	require.Equal(t, []string{"one", "two", "ten"}, in.texts("A", "Element"))
	require.Equal(t, []string{"x"}, in.texts("B", "Element"))
	require.Empty(t, in.texts("C", "Element"))
	require.Empty(t, in.texts("Absent", "Element"))
	d := in.structures("D", "Element")
	require.Len(t, d, 2)
	require.Equal(t, "n", d[0].text("Name"))
	require.Equal(t, []string{"deep"}, d[0].texts("L", "E"))
	require.Equal(t, "m", d[1].text("Name"))
	require.NoError(t, in.failed())
	require.Empty(t, in.unread())
}

func TestMalformedListsAreRefused(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"A=x", "A.Element.0=x", "A.Element.-1=x", "A.Element.x=x", "A.Element=x", "A.1=x", "A.Other.1=x",
		"A.Element.1001=x", "A.Element.99999999999999999999=x", "A.Element.1=x&A.member.1=y", "A.Element.1=x&A.Element.01=y",
	} {
		in := parsed(t, query)
		in.texts("A", "Element")
		require.ErrorContains(t, in.failed(), "MalformedInput: ", query)
	}
}

func TestTypedParameters(t *testing.T) {
	t.Parallel()
	in := parsed(t, "n=-7&yes=True&no=false&t=2026-01-02T03%3A04%3A05.678Z&z=2026-01-02T03:04:05%2B02:00&d=2026-01-02&id=My-Group&s=a+b%26c")
	require.Equal(t, -7, *in.integer("n"))
	require.True(t, *in.boolean("yes"))
	require.False(t, *in.boolean("no"))
	require.Equal(t, epoch, in.timestamp("t"))
	require.Equal(t, time.Date(2026, 1, 2, 1, 4, 5, 0, time.UTC), in.timestamp("z"))
	require.Equal(t, time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), in.timestamp("d"))
	require.Equal(t, "my-group", in.id("id"))
	require.Equal(t, "a b&c", in.text("s"))
	require.Nil(t, in.integer("absent"))
	require.Nil(t, in.boolean("absent"))
	require.True(t, in.timestamp("absent").IsZero())
	require.NoError(t, in.failed())
	require.Empty(t, in.unread())

	for name, read := range map[string]func(*input){
		"integer":   func(in *input) { in.integer("v") },
		"boolean":   func(in *input) { in.boolean("v") },
		"timestamp": func(in *input) { in.timestamp("v") },
	} {
		for _, value := range []string{"", "x", "1.5", "99999999999", "2026-13-01", "yes"} {
			in := parsed(t, "v="+value)
			read(in)
			require.ErrorContains(t, in.failed(), "MalformedInput: Invalid value", name+" "+value)
		}
	}
	in = parsed(t, "blank=+")
	in.required("gone")
	in.required("blank")
	require.EqualError(t, in.failed(), "MissingParameter: The request must contain the parameter gone", "the first error stays")
	in = parsed(t, "blank=+")
	in.required("blank")
	require.EqualError(t, in.failed(), "InvalidParameterValue: The parameter blank must be provided and must not be blank.")
}

func TestParseParams(t *testing.T) {
	t.Parallel()
	p, err := parseParams("b=2&a=1&&c", "d=%C3%A4")
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c", "d"}, p.keys)
	require.Equal(t, map[string]string{"a": "1", "b": "2", "c": "", "d": "ä"}, p.values)
	for _, query := range []string{"a=%", "%zz=1", "a=1&a=2"} {
		_, err := parseParams(query)
		require.ErrorContains(t, err, "MalformedQueryString: ", query)
	}
	var many strings.Builder
	for i := range maxParameters + 1 {
		fmt.Fprintf(&many, "&p%d=", i)
	}
	_, err = parseParams(many.String())
	require.ErrorContains(t, err, "More than 4096 parameters")
}

func TestRegionOfTheCredentialScope(t *testing.T) {
	t.Parallel()
	const scope = "/20260102/eu-west-1/elasticache/aws4_request"
	for _, c := range []struct {
		header, query, region string
		signed                bool
	}{
		{"AWS4-HMAC-SHA256 Credential=AKID" + scope + ", SignedHeaders=host, Signature=x", "", "eu-west-1", true},
		{"AWS4-HMAC-SHA256 SignedHeaders=host,Credential=AK/ID" + scope, "", "eu-west-1", true},
		{"", "?X-Amz-Credential=AKID%2F20260102%2Feu-west-1%2Felasticache%2Faws4_request", "eu-west-1", true},
		{"Bearer x", "", "", true},
		{"AWS4-HMAC-SHA256 Credential=AKID/20260102/EU WEST/elasticache/aws4_request", "", "", true},
		{"AWS4-HMAC-SHA256 Credential=AKID/aws4_request", "", "", true},
		{"", "?X-Amz-Credential=%zz", "", true},
		{"", "", "", false},
	} {
		r := httptest.NewRequest("GET", "/"+c.query, nil)
		if c.header != "" {
			r.Header.Set("Authorization", c.header)
		}
		region, signed := scopeRegion(r)
		require.Equal(t, c.region, region, c.header+c.query)
		require.Equal(t, c.signed, signed, c.header+c.query)
	}
}

// snapshots reads the request bodies that the SDK's own tests pin, by operation.
func snapshots(t *testing.T) map[string]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/elasticache").Output()
	if err != nil {
		t.Skipf("the directory of the AWS SDK's module is not known: %v", err)
	}
	dir := filepath.Join(string(bytes.TrimSpace(out)), "request_snapshot")
	files, err := filepath.Glob(filepath.Join(dir, "*.request.snap"))
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skipf("the AWS SDK's module has no request snapshots in %s", dir)
	}
	bodies := make(map[string]string)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		operation := strings.TrimSuffix(filepath.Base(file), ".request.snap")
		bodies[operation] = string(text[bytes.LastIndexByte(bytes.TrimSpace(text), '\n')+1:])
	}
	return bodies
}

// Every parameter that the SDK can send with an operation of ours is read by it.
func TestOperationsReadTheSDKsRequestsCompletely(t *testing.T) {
	t.Parallel()
	bodies := snapshots(t)
	for operation := range operations {
		require.Contains(t, bodies, operation)
	}
	for operation, body := range bodies {
		p, err := parseParams(strings.TrimSpace(body))
		require.NoError(t, err, operation)
		require.Equal(t, operation, p.values["Action"])
		if operations[operation] == nil {
			continue
		}
		s := &Server{cfg: Config{Backend: newFake(), Now: func() time.Time { return epoch }}}
		c, err := s.readCall(httptest.NewRecorder(), httptest.NewRequest("POST", "/", strings.NewReader(strings.TrimSpace(body))))
		require.NoError(t, err, operation)
		_, _ = s.do(c) // refused, as the values are nonsense
		require.Empty(t, c.unread(), operation)
	}
}

func TestSDKListsArriveWhole(t *testing.T) {
	t.Parallel()
	p, err := parseParams(strings.TrimSpace(snapshots(t)["ModifyReplicationGroupShardConfiguration"]))
	require.NoError(t, err)
	c := &call{input: newInput(p)}
	want := c.readShardRequest()
	require.NoError(t, c.failed())
	const m, id = "__Member__", "__NodeGroupId__"
	require.Equal(t, shardRequest{
		count: 1, remove: []string{m, m}, retain: []string{m, m},
		placement: []NewNodeGroup{{id, []string{m, m}}, {id, []string{m, m}}},
	}, want)
}

func FuzzCall(f *testing.F) {
	for operation := range operations {
		f.Add("Action="+operation+"&Version=2015-02-02&ReplicationGroupId=local&NodeGroupId=0001", "Credential=a/b/c/d/aws4_request")
	}
	f.Add("Action=IncreaseReplicaCount&ReplicationGroupId=local&ApplyImmediately=true&ReplicaConfiguration.ConfigureShard.1.NodeGroupId=0001"+
		"&ReplicaConfiguration.ConfigureShard.1.NewReplicaCount=3&ReplicaConfiguration.member.2.PreferredAvailabilityZones.member.1=a", "")
	f.Add("Action=ModifyReplicationGroupShardConfiguration&ReplicationGroupId=local&ApplyImmediately=true&NodeGroupCount=2&NodeGroupsToRemove.member.1=0001", "")
	f.Add("Action=DescribeEvents&Duration=5&StartTime=2026-01-01&Marker=MDAw&MaxRecords=20", "x")
	f.Fuzz(func(t *testing.T, body, authorization string) {
		backend := newFake(sharded(), single())
		backend.event(time.Minute, "replication-group", "local", "something")
		s := &Server{cfg: Config{Region: "us-east-1", Backend: backend, Now: func() time.Time { return epoch }}}
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Authorization", authorization)
		c, err := s.readCall(httptest.NewRecorder(), r)
		var result any
		if err == nil {
			result, err = s.do(c)
		}
		if err != nil {
			refusal := new(Error)
			require.ErrorAs(t, err, &refusal)
			require.GreaterOrEqual(t, refusal.Status, 400)
			require.Less(t, refusal.Status, 500)
			_, encodeErr := encodeError(refusal, "id")
			require.NoError(t, encodeErr)
			return
		}
		_, err = encodeResult(c.action, result, "id")
		require.NoError(t, err)
	})
}

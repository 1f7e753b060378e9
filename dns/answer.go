package dns

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

// Bounds of one message, in bytes.
const (
	headerBytes   = 12
	maxQueryBytes = 4096  // a longer query is malformed to us
	maxUDPBytes   = 1232  // largest answer over UDP, whatever the client offers: no fragments
	minUDPBytes   = 512   // what every client takes
	maxTCPBytes   = 65535 // what the length prefix can say
)

// responder turns a query's bytes into the answer's. It holds no socket and is
// safe for concurrent use.
type responder struct {
	zone   string // fully qualified, lower case
	ttl    uint32 // seconds
	groups func() []Group
	turn   atomic.Uint64 // questions answered so far
}

func newResponder(zone string, ttl time.Duration, groups func() []Group) *responder {
	return &responder{
		zone:   dns.Fqdn(strings.ToLower(zone)),
		ttl:    uint32((ttl + time.Second - 1) / time.Second),
		groups: groups,
	}
}

// respond answers one query; nil means that nothing is to be sent. Over UDP the
// answer is no longer than the client takes, over TCP no longer than the length
// prefix can say. reached tells at which address the client found us; it is
// called only if needed.
func (r *responder) respond(query []byte, overUDP bool, reached func() netip.Addr) []byte {
	if len(query) < headerBytes || query[2]&0x80 != 0 {
		return nil // too short to answer, or an answer itself: a loop in the making
	}
	var req dns.Msg
	if len(query) > maxQueryBytes || req.Unpack(query) != nil {
		return failure(query, dns.RcodeFormatError)
	}
	reply, limit := r.reply(&req, reached)
	if !overUDP {
		limit = maxTCPBytes
	}
	reply.Compress = true
	reply.Truncate(limit)
	packed, err := reply.Pack()
	if err != nil {
		return failure(query, dns.RcodeServerFailure)
	}
	return packed
}

// reply gives the answer and how much of it the client takes over UDP.
func (r *responder) reply(req *dns.Msg, reached func() netip.Addr) (*dns.Msg, int) {
	reply := new(dns.Msg).SetReply(req)
	udpSize := minUDPBytes
	switch opt, count := edns(req); {
	case count > 1:
		reply.Rcode = dns.RcodeFormatError
		return reply, udpSize
	case count == 1:
		udpSize = min(max(int(opt.UDPSize()), minUDPBytes), maxUDPBytes)
		reply.SetEdns0(maxUDPBytes, opt.Do())
		if opt.Version() != 0 {
			reply.Rcode = dns.RcodeBadVers
			return reply, udpSize
		}
	}
	switch {
	case req.Opcode != dns.OpcodeQuery:
		reply.Rcode = dns.RcodeNotImplemented
	case len(req.Question) != 1:
		reply.Rcode = dns.RcodeFormatError
	default:
		r.answer(reply, req.Question[0], reached)
	}
	return reply, udpSize
}

// answer fills the reply to one question of our zone. Records carry the name
// in the client's own spelling, which some compare as a nonce.
func (r *responder) answer(reply *dns.Msg, q dns.Question, reached func() netip.Addr) {
	name := strings.ToLower(q.Name)
	transfer := q.Qtype == dns.TypeAXFR || q.Qtype == dns.TypeIXFR
	if q.Qclass != dns.ClassINET || transfer || !dns.IsSubDomain(r.zone, name) {
		reply.Rcode = dns.RcodeRefused
		return
	}
	reply.Authoritative = true
	if name == r.zone {
		r.apex(reply, q)
		return
	}
	groups := r.groups()
	turn := r.turn.Add(1) - 1
	for _, g := range groups {
		addrs, exists := g.resolve(name, turn)
		if !exists {
			continue
		}
		for _, addr := range addrs {
			if !addr.IsValid() || addr.IsUnspecified() {
				addr = reached().Unmap()
			}
			if rr := r.address(q, addr); rr != nil {
				reply.Answer = append(reply.Answer, rr)
			}
		}
		if len(reply.Answer) == 0 {
			reply.Ns = []dns.RR{r.soa(r.zone)}
		}
		return
	}
	if !above(groups, name) {
		reply.Rcode = dns.RcodeNameError
	}
	reply.Ns = []dns.RR{r.soa(r.zone)}
}

// above says whether name has names below it. Such a name exists although it
// has no records, and resolvers that ask label by label depend on it (RFC 8020).
func above(groups []Group, name string) bool {
	below := "." + strings.TrimSuffix(name, ".")
	for _, g := range groups {
		for _, existing := range g.names() {
			if strings.HasSuffix(existing, below) {
				return true
			}
		}
	}
	return false
}

// address is the record of addr if the question's type asks for it.
func (r *responder) address(q dns.Question, addr netip.Addr) dns.RR {
	head := dns.RR_Header{Name: q.Name, Class: dns.ClassINET, Ttl: r.ttl}
	switch any := q.Qtype == dns.TypeANY; {
	case addr.Is4() && (any || q.Qtype == dns.TypeA):
		head.Rrtype = dns.TypeA
		return &dns.A{Hdr: head, A: addr.AsSlice()}
	case addr.Is6() && (any || q.Qtype == dns.TypeAAAA):
		head.Rrtype = dns.TypeAAAA
		return &dns.AAAA{Hdr: head, AAAA: addr.AsSlice()}
	default:
		return nil
	}
}

// apex answers for the zone itself.
func (r *responder) apex(reply *dns.Msg, q dns.Question) {
	any := q.Qtype == dns.TypeANY
	if any || q.Qtype == dns.TypeSOA {
		reply.Answer = append(reply.Answer, r.soa(q.Name))
	}
	if any || q.Qtype == dns.TypeNS {
		head := dns.RR_Header{Name: q.Name, Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: r.ttl}
		reply.Answer = append(reply.Answer, &dns.NS{Hdr: head, Ns: "ns." + r.zone})
	}
	if len(reply.Answer) == 0 {
		reply.Ns = []dns.RR{r.soa(r.zone)}
	}
}

// soa goes with every answer without records; its minimum is how long such an
// answer may be cached (RFC 2308).
func (r *responder) soa(owner string) dns.RR {
	return &dns.SOA{
		Hdr:    dns.RR_Header{Name: owner, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: r.ttl},
		Ns:     "ns." + r.zone,
		Mbox:   "hostmaster." + r.zone,
		Serial: 1, Refresh: 60, Retry: 60, Expire: 3600, Minttl: r.ttl,
	}
}

// edns gives the first OPT record and how many there are: more than one is an
// error (RFC 6891).
func edns(req *dns.Msg) (first *dns.OPT, count int) {
	for _, rr := range req.Extra {
		if opt, ok := rr.(*dns.OPT); ok {
			if first == nil {
				first = opt
			}
			count++
		}
	}
	return first, count
}

// failure answers a query that cannot be taken apart: its header alone, with
// the code.
func failure(query []byte, rcode int) []byte {
	reply := make([]byte, headerBytes)
	copy(reply, query[:2])
	flags := binary.BigEndian.Uint16(query[2:])
	const response, keep = 1 << 15, 0x7900 // keep opcode and recursion desired
	binary.BigEndian.PutUint16(reply[2:], response|flags&keep|uint16(rcode))
	return reply
}

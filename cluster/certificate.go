package cluster

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"sync"
	"time"
)

// certificates are what the nodes show to clients that connect with TLS.
type certificates struct {
	config *tls.Config
	ca     []byte // PEM of the authority that a client has to trust
	roots  *x509.CertPool
}

// certificateLife is how long generated certificates are valid.
const certificateLife = 10 * 365 * 24 * time.Hour

// newCertificates reads the configured certificate, or founds an authority.
func newCertificates(s *settings) (*certificates, error) {
	if s.TLSCert != "" {
		return loadCertificate(s)
	}
	return foundAuthority(s)
}

func loadCertificate(s *settings) (*certificates, error) {
	cert, err := tls.LoadX509KeyPair(s.TLSCert, s.TLSKey)
	if err != nil {
		return nil, wrong("tls-cert", "cannot use %s with %s: %v: write PEM files that belong together", s.TLSCert, s.TLSKey, err)
	}
	c := &certificates{roots: x509.NewCertPool()}
	for _, der := range cert.Certificate { // the last of the chain, or the certificate itself
		c.ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	c.roots.AppendCertsFromPEM(c.ca)
	c.config = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}}
	return c, nil
}

// authority signs certificates for the addresses at which nodes are reached.
type authority struct {
	cert  *x509.Certificate
	key   *ecdsa.PrivateKey
	names []string
	bind  net.IP

	mu     sync.Mutex
	issued map[string]*tls.Certificate // by the address that the client has dialled
}

// maxIssued bounds the certificates that are kept. With a wildcard address to
// listen on, any address of the machine may be dialled.
const maxIssued = 1024

func foundAuthority(s *settings) (*certificates, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("cluster: authority: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          serialNumber(),
		Subject:               pkix.Name{CommonName: "elasticache-local " + s.ID, Organization: []string{"elasticache-local"}},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(certificateLife),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("cluster: authority: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("cluster: authority: %w", err)
	}
	a := &authority{cert: cert, key: key, bind: net.ParseIP(s.Bind), issued: map[string]*tls.Certificate{}}
	a.names = append(a.names, s.names.Wildcards()...)
	a.names = append(a.names, "localhost")
	if s.AnnounceHost != "" {
		a.names = append(a.names, s.AnnounceHost)
	}
	c := &certificates{ca: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), roots: x509.NewCertPool()}
	c.roots.AddCert(cert)
	c.config = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: a.certificate}
	return c, nil
}

// certificate gives the certificate for a connection: it holds the group's
// names and the address that was dialled.
func (a *authority) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	host := localHost(hello.Conn.LocalAddr().String())
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.issued[host]; c != nil {
		return c, nil
	}
	c, err := a.issue(host)
	if err == nil && len(a.issued) < maxIssued {
		a.issued[host] = c
	}
	return c, err
}

func (a *authority) issue(host string) (*tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: serialNumber(),
		Subject:      pkix.Name{CommonName: a.names[0]},
		NotBefore:    a.cert.NotBefore,
		NotAfter:     a.cert.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	for _, name := range a.names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	for _, ip := range []net.IP{a.bind, net.ParseIP(host)} {
		if ip != nil && !ip.IsUnspecified() {
			template.IPAddresses = append(template.IPAddresses, ip)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, a.key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("cluster: certificate: %w", err)
	}
	return &tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: a.key}, nil
}

func serialNumber() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic("cluster: no randomness: " + err.Error())
	}
	return n
}

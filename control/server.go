package control

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"elasticache-local/endpoint"
)

// Bounds of the server.
const (
	maxClients        = 128 // more wait in the listener's backlog
	maxHeaderBytes    = 64 << 10
	headerTimeout     = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 30 * time.Second
	gracefulClosing   = 2 * time.Second // for calls under way when Close is called
	contentTypeXML    = "text/xml"
	contentTypePlain  = "text/plain; charset=utf-8"
	requestIDHeader   = "X-Amzn-Requestid"
	fetchSiteHeader   = "Sec-Fetch-Site"
	crossSiteRefusal  = "Requests from other sites' pages are refused."
	unexpectedFailure = "An internal error occurred: %v"
)

// Config is what a server needs.
type Config struct {
	Addr        string // host:port; port 0 chooses one
	Region      string // of requests without a signature; empty is endpoint.DefaultRegion
	Backend     Backend
	RequireAuth bool             // refuse requests without a signature, as the service does
	Now         func() time.Time // nil is time.Now
	Log         *slog.Logger     // nil is silent
}

// Server is a running management API.
type Server struct {
	cfg      Config
	http     *http.Server
	listener net.Listener
	running  sync.WaitGroup // the goroutine that accepts
	closing  sync.Once

	changing sync.Mutex // held while a change is decided on and begun
}

// Listen binds the address and starts to serve.
func Listen(cfg Config) (*Server, error) {
	if cfg.Region == "" {
		cfg.Region = endpoint.DefaultRegion
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	listener, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("control: %w", err)
	}
	s := &Server{cfg: cfg, listener: limit(listener, maxClients)}
	s.http = &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug),
	}
	s.running.Go(func() {
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			cfg.Log.Error("control: server ended", "err", err)
		}
	})
	return s, nil
}

// Addr is where the server listens.
func (s *Server) Addr() netip.AddrPort {
	at := s.listener.Addr().(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// Close lets calls under way finish, for a moment, and ends the server.
func (s *Server) Close() error {
	s.closing.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), gracefulClosing)
		defer cancel()
		if s.http.Shutdown(ctx) != nil {
			s.http.Close()
		}
	})
	s.running.Wait()
	return nil
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("POST /{$}", s.serveCall)
	mux.HandleFunc("GET /{$}", s.serveCall)
	return mux
}

// health is 200 when every slot is served and every replica in sync.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", contentTypePlain)
	w.Header().Set("Cache-Control", "no-store")
	if err := s.cfg.Backend.Health(); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, err)
		return
	}
	fmt.Fprintln(w, "ok")
}

// serveCall answers one call of the API.
func (s *Server) serveCall(w http.ResponseWriter, r *http.Request) {
	if site := r.Header.Get(fetchSiteHeader); site == "cross-site" || site == "same-site" {
		// A browser sends this form's content type to any address, loopback
		// included, without asking: a page elsewhere must not fail nodes over.
		http.Error(w, crossSiteRefusal, http.StatusForbidden)
		return
	}
	requestID := newRequestID()
	c, err := s.readCall(w, r)
	var result any
	if err == nil {
		result, err = s.do(c)
	}
	status, body := s.encode(c.action, result, err, requestID)
	w.Header().Set("Content-Type", contentTypeXML)
	w.Header().Set(requestIDHeader, requestID)
	w.WriteHeader(status)
	if _, writeErr := w.Write(body); writeErr != nil {
		s.cfg.Log.Debug("control: answer not sent", "err", writeErr)
	}
	s.log(c, status, requestID, err)
}

// log writes one line for a call. Parameters that the operation does not know
// are ignored, as the service does, but not silently.
func (s *Server) log(c *call, status int, requestID string, err error) {
	attrs := []any{"action", clip(c.action), "region", c.region, "status", status, "request", requestID}
	if c.input != nil && len(c.unread()) > 0 && err == nil {
		attrs = append(attrs, "ignored", c.unread())
	}
	if err != nil {
		attrs = append(attrs, "err", err)
	}
	s.cfg.Log.Info("control: call", attrs...)
}

// encode gives the status and the body of the answer to a call.
func (s *Server) encode(action string, result any, err error, requestID string) (int, []byte) {
	if err == nil {
		body, encodeErr := encodeResult(action, result, requestID)
		if encodeErr == nil {
			return http.StatusOK, body
		}
		err = encodeErr
	}
	refusal := new(Error)
	if !errors.As(err, &refusal) {
		s.cfg.Log.Error("control: call failed", "action", action, "err", err)
		refusal = refuse(codeInternalFailure, unexpectedFailure, err)
	}
	body, encodeErr := encodeError(refusal, requestID)
	if encodeErr != nil {
		panic("control: an error answer is plain text and can always be encoded: " + encodeErr.Error())
	}
	return refusal.Status, body
}

package node

import (
	"crypto/subtle"
	"sync/atomic"
)

// Auth is the AUTH token of a replication group: which passwords the default
// user has. One Auth is shared by all nodes.
type Auth struct {
	tokens atomic.Pointer[[]string]
}

// NewAuth makes an Auth with tokens, all valid; none means no password.
func NewAuth(tokens ...string) *Auth {
	a := &Auth{}
	a.Set(tokens...)
	return a
}

// Set replaces the valid tokens. Connections that are authenticated stay so.
func (a *Auth) Set(tokens ...string) { a.tokens.Store(&tokens) }

// Required reports whether clients must authenticate.
func (a *Auth) Required() bool { return a != nil && len(*a.tokens.Load()) > 0 }

// Check reports whether the pair is valid. Without tokens any password is, as
// for Redis' default user.
func (a *Auth) Check(user, pass string) bool {
	if user != "default" {
		return false
	}
	if !a.Required() {
		return true
	}
	ok := 0
	for _, t := range *a.tokens.Load() {
		ok |= subtle.ConstantTimeCompare([]byte(t), []byte(pass))
	}
	return ok == 1
}

package generator

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"time"
)

// dialTime bounds connecting and logging in.
const dialTime = 10 * time.Second

// dialConn connects and logs in.
func dialConn(ctx context.Context, addr string, login Login) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTime}
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if err := authenticate(c, login); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func authenticate(c net.Conn, login Login) error {
	if login == (Login{}) {
		return nil
	}
	words := []string{"AUTH", login.User, login.Password}
	if login.User == "" {
		words = []string{"AUTH", login.Password}
	}
	request := newTemplate("", 1, words...)
	if err := c.SetDeadline(time.Now().Add(dialTime)); err != nil {
		return err
	}
	if _, err := c.Write(request.bytes); err != nil {
		return err
	}
	// Nothing else is under way, so nothing is lost with the reader's buffer.
	reply, err := bufio.NewReader(c).ReadString('\n')
	if err == nil && !strings.HasPrefix(reply, "+") {
		err = fmt.Errorf("AUTH at %s: %s", c.RemoteAddr(), strings.TrimSpace(reply))
	}
	if err != nil {
		return err
	}
	return c.SetDeadline(time.Time{})
}

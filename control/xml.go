package control

import (
	"bytes"
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"time"
)

const namespace = "http://elasticache.amazonaws.com/doc/2015-02-02/"

// timestamp is a time as the service writes it, in UTC with milliseconds.
type timestamp struct{ time.Time }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (t timestamp) MarshalText() ([]byte, error) { return []byte(stamp(t.Time)), nil }

// list is encoded with its own element around its items', and stays when it is
// empty: clients tell an empty list from none.
type list[T any] struct {
	element string
	items   []T
}

func listOf[T any](element string, items ...T) list[T] { return list[T]{element, items} }

func (l *list[T]) add(item T) { l.items = append(l.items, item) }

func (l list[T]) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	for _, item := range l.items {
		if err := e.EncodeElement(item, xml.StartElement{Name: xml.Name{Local: l.element}}); err != nil {
			return err
		}
	}
	return e.EncodeToken(start.End())
}

type responseMetadata struct {
	RequestID string `xml:"RequestId"`
}

// encodeResult wraps the result of an operation:
// <NameResponse><NameResult>…</NameResult><ResponseMetadata>…
func encodeResult(action string, result any, requestID string) ([]byte, error) {
	var buf bytes.Buffer
	e := xml.NewEncoder(&buf)
	response := element(action + "Response")
	response.Attr = []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: namespace}}
	if err := e.EncodeToken(response); err != nil {
		return nil, err
	}
	if err := e.EncodeElement(result, element(action+"Result")); err != nil {
		return nil, err
	}
	if err := e.EncodeElement(responseMetadata{requestID}, element("ResponseMetadata")); err != nil {
		return nil, err
	}
	if err := e.EncodeToken(response.End()); err != nil {
		return nil, err
	}
	err := e.Close()
	return buf.Bytes(), err
}

func element(name string) xml.StartElement {
	return xml.StartElement{Name: xml.Name{Local: name}}
}

type errorResponse struct {
	XMLName   xml.Name `xml:"http://elasticache.amazonaws.com/doc/2015-02-02/ ErrorResponse"`
	Error     errorXML
	RequestID string `xml:"RequestId"`
}

type errorXML struct {
	Type    string // Sender or Receiver: whose fault it is
	Code    string
	Message string
}

func encodeError(e *Error, requestID string) ([]byte, error) {
	fault := "Sender"
	if e.Status >= 500 {
		fault = "Receiver"
	}
	return xml.Marshal(errorResponse{Error: errorXML{fault, e.Code, e.Message}, RequestID: requestID})
}

// newRequestID is a random UUID.
func newRequestID() string {
	var id [16]byte
	rand.Read(id[:]) // never fails
	id[6] = id[6]&0x0F | 0x40
	id[8] = id[8]&0x3F | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

package corpus

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"time"
)

//go:embed scripts
var files embed.FS

// Script is one transcript.
type Script struct {
	// Name is "family/topic".
	Name string
	// Standalone: it needs databases or commands that span slots.
	Standalone bool
	// Node: it needs session commands or a server of its own.
	Node bool
	// Config are parameters to set before it, name and value by turns.
	Config []string
	Steps  []Step

	tail []string // lines behind the last step
}

// Step is one line of action and what is expected.
type Step struct {
	Line   int
	Kind   StepKind
	Client int
	Args   [][]byte      // of a command
	Wait   time.Duration // of a wait
	Mode   Mode
	Silent bool // no reply comes and the client does not wait
	// Reply is the RESP2 reply, nil when none comes; Reply3 the one over RESP3
	// when it differs.
	Reply, Reply3 *Value

	text []string // the lines up to the action, without the reply
}

// StepKind is what a step does.
type StepKind uint8

// The kinds of steps.
const (
	Command StepKind = iota // send a command
	Receive                 // take a further reply
	Pass                    // let time pass
	Close                   // hang up
)

// Want is the expected reply over a protocol version, nil when none comes.
func (s *Step) Want(proto int) *Value {
	if proto == 3 && s.Reply3 != nil {
		return s.Reply3
	}
	return s.Reply
}

// Source is the step's line of action.
func (s *Step) Source() string { return s.text[len(s.text)-1] }

// Scripts are all transcripts, by name.
func Scripts() ([]*Script, error) {
	var out []*Script
	err := fs.WalkDir(files, "scripts", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".txt") {
			return err
		}
		text, err := files.ReadFile(path)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "scripts/"), ".txt")
		s, err := Parse(name, string(text))
		if err == nil {
			out = append(out, s)
		}
		return err
	})
	return out, err
}

// Clients reports whether the script has more than one client.
func (s *Script) Clients() bool {
	for i := range s.Steps {
		if s.Steps[i].Client > 1 {
			return true
		}
	}
	return false
}

// Parse reads a script.
func Parse(name, text string) (*Script, error) {
	p := &parser{script: &Script{Name: name}}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		p.line = i + 1
		if err := p.take(strings.TrimRight(line, "\r")); err != nil {
			return nil, fmt.Errorf("%s.txt:%d: %w", name, p.line, err)
		}
	}
	if err := p.endReply(); err != nil {
		return nil, fmt.Errorf("%s.txt:%d: %w", name, p.line, err)
	}
	p.script.tail = p.text
	return p.script, nil
}

type parser struct {
	script *Script
	line   int
	text   []string // lines since the last step
	next   Step     // what directives said about the next command
	open   bool     // reply lines may follow
	lines  [2][]string
}

const resp3Prefix = "3| "

var (
	actionLine = regexp.MustCompile(`^([1-9]?)([<>])(?: (.*))?$`)
	replyLine  = regexp.MustCompile(`^(?:[-+:"*$%~,=(_ ]|>[0-9]|#[tf]$)`)
)

func (p *parser) take(line string) error {
	if p.open {
		if rest, ok := strings.CutPrefix(line, resp3Prefix); ok {
			p.lines[1] = append(p.lines[1], rest)
			return nil
		}
		if replyLine.MatchString(line) {
			p.lines[0] = append(p.lines[0], line)
			return nil
		}
	}
	if err := p.endReply(); err != nil {
		return err
	}
	p.text = append(p.text, line)
	switch m := actionLine.FindStringSubmatch(line); {
	case line == "" || line[0] == '#':
		return nil
	case line[0] == '@':
		return p.directive(strings.Fields(line[1:]))
	case m == nil:
		return fmt.Errorf("%q is no comment, command, reply or directive", line)
	default:
		return p.action(m[1], m[2], m[3])
	}
}

func (p *parser) action(client, verb, rest string) error {
	s := p.next
	s.Client = 1
	if client != "" {
		s.Client, _ = strconv.Atoi(client)
	}
	if verb == "<" {
		s.Kind = Receive
	} else {
		args, err := splitArgs(rest)
		if err != nil {
			return err
		}
		if len(args) == 0 {
			return errors.New("no command")
		}
		s.Args = args
	}
	p.add(s)
	p.open = !s.Silent
	return nil
}

func (p *parser) add(s Step) {
	s.Line, s.text = p.line, p.text
	p.script.Steps = append(p.script.Steps, s)
	p.text, p.next = nil, Step{}
}

func (p *parser) directive(words []string) error {
	if len(words) == 0 {
		return errors.New("empty directive")
	}
	word, args := words[0], words[1:]
	var err error
	switch {
	case word == "standalone" && len(args) == 0:
		p.script.Standalone = true
	case word == "node" && len(args) == 0:
		p.script.Node = true
	case word == "config" && len(args) == 2:
		p.script.Config = append(p.script.Config, args...)
	case word == "silent" && len(args) == 0:
		p.next.Silent = true
	case Mode(word) == Unordered, Mode(word) == TypeOnly, Mode(word) == ErrorPrefix:
		p.next.Mode = Mode(word)
	case word == "wait" && len(args) == 1:
		s := Step{Kind: Pass}
		s.Wait, err = time.ParseDuration(args[0])
		p.add(s)
	case word == "close" && len(args) == 1:
		s := Step{Kind: Close}
		s.Client, err = strconv.Atoi(args[0])
		p.add(s)
	default:
		err = fmt.Errorf("unknown directive @%s", strings.Join(words, " "))
	}
	return err
}

// endReply parses the reply lines of the last step.
func (p *parser) endReply() error {
	if !p.open {
		return nil
	}
	p.open = false
	s := &p.script.Steps[len(p.script.Steps)-1]
	for i, to := range []**Value{&s.Reply, &s.Reply3} {
		if len(p.lines[i]) == 0 {
			continue
		}
		v, err := parseValue(p.lines[i])
		if err != nil {
			return err
		}
		*to, p.lines[i] = &v, nil
	}
	return nil
}

// Text is the script's source with its replies as they are now.
func (s *Script) Text() string {
	var b strings.Builder
	for i := range s.Steps {
		st := &s.Steps[i]
		writeLines(&b, "", st.text)
		if st.Reply != nil {
			writeLines(&b, "", st.Reply.Lines())
		}
		if st.Reply3 != nil {
			writeLines(&b, resp3Prefix, st.Reply3.Lines())
		}
	}
	writeLines(&b, "", s.tail)
	return b.String()
}

func writeLines(b *strings.Builder, prefix string, lines []string) {
	for _, l := range lines {
		b.WriteString(prefix + l + "\n")
	}
}

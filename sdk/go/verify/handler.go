package verify

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	oathmesh "github.com/oathmesh/oathmesh-go"
)

// Handler lets only verified calls through to next. Those get the caller in their context (FromContext) and
// in X-OathMesh-* headers; whatever a client sent under such names is removed, and so is the token. Every
// other call is answered here, with a body of error, message, fix, step and request_id.
//
// It must see requests as they were sent: put it before whatever rewrites paths or reads bodies.
func (v *Verifier) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bound := &boundBody{w: w, r: r}
		caller, err := v.Verify(r.Context(), bound.call())
		if err != nil {
			v.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, v.identified(r, caller, bound))
	})
}

type callerKey struct{}

// FromContext gives the caller that Handler has verified.
func FromContext(ctx context.Context) (*Caller, bool) {
	caller, ok := ctx.Value(callerKey{}).(*Caller)
	return caller, ok
}

// identified is a copy of the request: middlewares before this one keep seeing what was sent.
func (v *Verifier) identified(r *http.Request, caller *Caller, bound *boundBody) *http.Request {
	passed := r.WithContext(context.WithValue(r.Context(), callerKey{}, caller))
	passed.Header = r.Header.Clone()
	strip(passed.Header)
	setIdentity(passed.Header, caller, v.config.IdentityHeaders)
	passed.Body = &strippedTrailer{ReadCloser: bound.replay(), request: r}
	strip(r.Trailer)
	return passed
}

// lineOf is the request-target as it was sent. RFC 9112, 3.2.
func lineOf(r *http.Request) oathmesh.RequestLine {
	target := r.RequestURI
	if target == "" {
		// Not made by a server: a test, or another framework.
		target = r.URL.RequestURI()
	}
	if !strings.HasPrefix(target, "/") {
		if _, rest, absolute := strings.Cut(target, "://"); absolute {
			target = rest[strings.IndexAny(rest+"/", "/?"):]
			if !strings.HasPrefix(target, "/") {
				target = "/" + target
			}
		}
	}
	path, query, _ := strings.Cut(target, "?")
	return oathmesh.RequestLine{Method: r.Method, RawPath: path, RawQuery: query}
}

// boundBody reads the body of a request for its binding, once, and gives it back.
type boundBody struct {
	w    http.ResponseWriter
	r    *http.Request
	read []byte
	done bool
}

func (b *boundBody) call() Call {
	call := Call{
		Authorization: b.r.Header["Authorization"], Connection: b.r.Header["Connection"], Line: lineOf(b.r),
	}
	if b.r.Body != nil && b.r.Body != http.NoBody {
		call.Body = b.bytes
	}
	return call
}

func (b *boundBody) bytes(ctx context.Context, maxBytes int64) ([]byte, error) {
	if b.r.ContentLength > maxBytes {
		return nil, ErrBodyOverLimit
	}
	// A client that sends its body drop by drop must not hold the call beyond the deadline. What is not a
	// connection of net/http has no deadline to set.
	control := http.NewResponseController(b.w)
	if deadline, ok := ctx.Deadline(); ok && control.SetReadDeadline(deadline) == nil {
		defer func() { _ = control.SetReadDeadline(time.Time{}) }()
	}
	body, err := io.ReadAll(io.LimitReader(b.r.Body, maxBytes+1))
	if err != nil {
		// The server's own limits are the operator's, too: http.MaxBytesReader.
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, ErrBodyOverLimit
		}
		return nil, err
	}
	if int64(len(body)) > maxBytes {
		return nil, ErrBodyOverLimit
	}
	b.read, b.done = body, true
	return body, nil
}

// replay is the body for the next handler.
func (b *boundBody) replay() io.ReadCloser {
	if b.r.Body == nil {
		return http.NoBody
	}
	if !b.done {
		return b.r.Body
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(b.read), b.r.Body), b.r.Body}
}

// strippedTrailer removes what is ours from trailers, which come after the body.
type strippedTrailer struct {
	io.ReadCloser
	request *http.Request
}

func (s *strippedTrailer) Read(into []byte) (int, error) {
	n, err := s.ReadCloser.Read(into)
	if err == io.EOF {
		strip(s.request.Trailer)
	}
	return n, err
}

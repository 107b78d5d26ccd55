// Package vectors reads and runs the verification vectors that all implementations share (test/vectors).
package vectors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// Version of the format that this runner knows.
const Version = 1

// File is one file of vectors. A member that is not listed here fails the run: a typo must not make a test
// pass.
type File struct {
	Name     string `json:"-"`
	Version  int    `json:"version"`
	About    string `json:"about"`
	Isolated bool   `json:"isolated"`
	Cases    []Case `json:"cases"`
}

// Case is one call and what becomes of it.
type Case struct {
	Name          string            `json:"name"`
	Now           *float64          `json:"now"`
	Token         *Token            `json:"token"`
	Authorization *Authorization    `json:"authorization"`
	Connection    *string           `json:"connection"`
	Headers       map[string]string `json:"headers"`
	Request       *Request          `json:"request"`
	Settings      json.RawMessage   `json:"settings"`
	Uses          int               `json:"uses"`
	Before        []Recipe          `json:"before"`
	Revoked       []string          `json:"revoked"`
	Expect        Outcome           `json:"expect"`
}

// Request is what the token comes with.
type Request struct {
	Method     string  `json:"method"`
	Path       string  `json:"path"`
	Body       *string `json:"body"`
	BodyBase64 *string `json:"body_base64"`
}

// Token is one as it stands, or a recipe.
type Token struct {
	Literal *string
	Recipe  *Recipe
}

// UnmarshalJSON reads either form.
func (t *Token) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		return json.Unmarshal(text, &t.Literal)
	}
	return strict(text, &t.Recipe)
}

// Authorization is the values of the header; {token} stands for the token.
type Authorization struct{ Values []string }

// UnmarshalJSON reads one value or a list; null, no header at all, is told from an absent member by Case.
func (a *Authorization) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		a.Values = []string{""}
		return json.Unmarshal(text, &a.Values[0])
	}
	return json.Unmarshal(text, &a.Values)
}

// Outcome of a call: allowed, or refused with code and step (0 for none).
type Outcome struct {
	Allow  bool   `json:"-"`
	Code   string `json:"code"`
	Step   int    `json:"step,omitempty"`
	Reason string `json:"reason,omitempty"`
	Status int    `json:"status,omitempty"`
}

// UnmarshalJSON reads `"allow"` or an object.
func (o *Outcome) UnmarshalJSON(text []byte) error {
	if string(text) == `"allow"` {
		o.Allow = true
		return nil
	}
	type plain Outcome
	return strict(text, (*plain)(o))
}

// MarshalJSON is the reverse.
func (o Outcome) MarshalJSON() ([]byte, error) {
	if o.Allow {
		return []byte(`"allow"`), nil
	}
	type plain Outcome
	return json.Marshal(plain(o))
}

// UnmarshalJSON refuses unknown members and tells `"authorization": null` from none.
func (c *Case) UnmarshalJSON(text []byte) error {
	type plain Case
	if err := strict(text, (*plain)(c)); err != nil {
		return err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return err
	}
	if value, there := members["authorization"]; there && string(value) == "null" {
		c.Authorization = &Authorization{}
	}
	if _, there := members["expect"]; !there || c.Name == "" {
		return errors.New("a case needs name and expect")
	}
	return nil
}

// Read reads every file of verification vectors in the folder. `ed25519*.json` are vectors of another kind.
func Read(folder string) ([]File, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	sort.Strings(paths)
	var files []File
	for _, path := range paths {
		name := filepath.Base(path)
		if strings.HasPrefix(name, "ed25519") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		file := File{Name: name, Version: Version}
		if err := strict(text, &file); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if file.Version != Version || len(file.Cases) == 0 {
			return nil, fmt.Errorf("%s: version %d with %d cases; this runner knows version %d", name, file.Version, len(file.Cases), Version)
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: holds no vectors", folder)
	}
	return files, nil
}

func strict(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

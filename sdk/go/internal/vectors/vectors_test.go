package vectors_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oathmesh/oathmesh-go/internal/vectors"
)

const folder = "../../../../test/vectors"

func TestEveryVector(t *testing.T) {
	files, err := vectors.Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, file := range files {
		for at := range file.Cases {
			one := &file.Cases[at]
			count++
			t.Run(file.Name+"/"+one.Name, func(t *testing.T) {
				got, err := vectors.Run(one)
				if err != nil {
					t.Fatal(err)
				}
				want := one.Expect
				// What a case leaves open is left out of the comparison.
				if want.Reason == "" {
					got.Reason = ""
				}
				if want.Status == 0 {
					got.Status = 0
				}
				if got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
			})
		}
	}
	if count < 270 {
		t.Errorf("only %d cases", count)
	}
}

func TestAMemberThatIsNotKnownFailsTheRun(t *testing.T) {
	for name, text := range map[string]string{
		"of a file":           `{"about":"x","cases":[{"name":"n","expect":"allow"}],"extra":1}`,
		"of a case":           `{"about":"x","cases":[{"name":"n","expect":"allow","tokens":{}}]}`,
		"of a recipe":         `{"about":"x","cases":[{"name":"n","expect":"allow","token":{"claim":{}}}]}`,
		"of a nested recipe":  `{"about":"x","cases":[{"name":"n","expect":"allow","token":{"signature_of":{"claim":{}}}}]}`,
		"of an earlier token": `{"about":"x","cases":[{"name":"n","expect":"allow","before":[{"claim":{}}]}]}`,
		"of a request":        `{"about":"x","cases":[{"name":"n","expect":"allow","request":{"method":"GET","path":"/","query":""}}]}`,
		"of an outcome":       `{"about":"x","cases":[{"name":"n","expect":{"code":"x","stp":1}}]}`,
		"another version":     `{"version":2,"about":"x","cases":[{"name":"n","expect":"allow"}]}`,
		"no outcome":          `{"about":"x","cases":[{"name":"n"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "a.json"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := vectors.Read(dir); err == nil || !strings.HasPrefix(err.Error(), "a.json: ") {
				t.Errorf("error %v", err)
			}
		})
	}
	t.Run("of settings", func(t *testing.T) {
		_, err := vectors.Run(&vectors.Case{Name: "n", Settings: []byte(`{"audeince":"x"}`)})
		if err == nil {
			t.Error("no error")
		}
	})
}

func TestEverySignature(t *testing.T) {
	all, err := vectors.ReadSignatures(folder)
	if err != nil {
		t.Fatal(err)
	}
	for at := range all {
		if got := all[at].Judge(); got != all[at].Result {
			t.Errorf("%s/%s: got %s, want %s", all[at].File, all[at].Name, got, all[at].Result)
		}
	}
	if len(all) < 135 {
		t.Errorf("only %d signatures", len(all))
	}
}

func TestASignatureFileThatIsNotKnownFailsTheRun(t *testing.T) {
	for name, text := range map[string]string{
		"ed25519.json":     `{"about":"x","cases":[{"name":"n","sig":"00"}]}`,
		"ed25519-new.json": `{"about":"x","cases":[{"name":"n"}]}`,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := vectors.ReadSignatures(dir); err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

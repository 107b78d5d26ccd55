package strictjson

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestWhatIsRefused(t *testing.T) {
	for _, text := range []string{
		"", " ", "{", "[", "]", `{"a"}`, `{"a":}`, `{"a":1,}`, "[1,]", "[,]", "01", "+1", ".5", "1.", "1e", "1e+", "--1", "-",
		"nul", "True", "NaN", "Infinity", `"`, `"\x"`, `"\u12"`, `"\u12G4"`, "\"\n\"", "\"\x00\"", "'a'", `{a:1}`, "1 2", "/**/1", "\ufeff1",
		"\"\xff\"", "\"\xed\xa0\x80\"", "\"\xc0\x80\"", `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `[{"b":{"c":1,"c":2}}]`, `"\`, `"\u`, "\u00a01",
		strings.Repeat("[", maxDepth+2) + strings.Repeat("]", maxDepth+2),
	} {
		if value, err := Parse([]byte(text)); err == nil {
			t.Errorf("%.60q gives %v", text, value)
		} else if strings.Contains(err.Error(), "xed") {
			t.Errorf("the error quotes: %v", err)
		}
	}
}

func TestWhatIsRead(t *testing.T) {
	for text, want := range map[string]any{
		"null": nil, " true\n": true, "false": false, `"a\"\\\/\b\f\n\r\tA\u00e9é"`: "a\"\\/\b\f\n\r\tAéé",
		`"\ud83d\ude00"`: "😀", `"\ud83d"`: "\xed\xa0\xbd", `"\ud83d\u0041"`: "\xed\xa0\xbdA", `"\ude00\ud83d"`: "\xed\xb8\x80\xed\xa0\xbd",
		"-0": Number("-0"), "1.5e+3": Number("1.5e+3"), "[]": []any{}, "{}": Object{}, `{"":{"a":[1]}}`: Object{"": Object{"a": []any{Number("1")}}},
		`{"__proto__":1}`: Object{"__proto__": Number("1")},
	} {
		if got, err := Parse([]byte(text)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v", text, got, err)
		}
	}
}

func TestLoneSurrogates(t *testing.T) {
	value, err := Parse([]byte(`["a\ud83db","\ud83e","😀"]`))
	if err != nil {
		t.Fatal(err)
	}
	texts := value.([]any)
	if got := WellFormed(texts[0].(string)); got != "a\ufffdb" {
		t.Errorf("%q", got)
	}
	if Units(texts[0].(string)) != 3 || Units(texts[1].(string)) != 1 || Units(texts[2].(string)) != 2 {
		t.Error("not counted in UTF-16")
	}
}

// Whatever encoding/json refuses is refused here, and what both read is the same.
func FuzzAgainstEncodingJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,"x\u0041",null,true]}`, `"\ud83d\ude00"`, "[[[]]]", `{"a":1,"a":2}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		value, err := Parse(text)
		if err != nil {
			return
		}
		if strings.Count(string(text), "[")+strings.Count(string(text), "{") > 1000 {
			return
		}
		var other any
		decoder := json.NewDecoder(strings.NewReader(string(text)))
		decoder.UseNumber()
		if err := decoder.Decode(&other); err != nil {
			t.Fatalf("encoding/json refuses %q: %v", text, err)
		}
		if got, want := plain(value), plain(other); got != want {
			t.Fatalf("%q: %s, want %s", text, got, want)
		}
	})
}

func plain(value any) string {
	switch value := value.(type) {
	case Object:
		return plain(map[string]any(value))
	case map[string]any:
		texts := map[string]string{}
		for name, member := range value {
			texts[WellFormed(name)] = plain(member)
		}
		return fmt.Sprint(texts)
	case []any:
		texts := []string{}
		for _, item := range value {
			texts = append(texts, plain(item))
		}
		return fmt.Sprint(texts)
	case string:
		return WellFormed(value)
	case Number, json.Number:
		return fmt.Sprint(value)
	default:
		return fmt.Sprint(value)
	}
}

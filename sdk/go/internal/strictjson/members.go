package strictjson

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// MaxSafeInteger is the largest whole number that all JSON parsers agree on. RFC 8259, 6.
const MaxSafeInteger = 1<<53 - 1

// AsObject reads a value as an object.
func AsObject(value any) (Object, error) {
	object, ok := value.(Object)
	if !ok {
		return nil, errors.New("not an object")
	}
	return object, nil
}

// Has reports whether the member is there, in any form.
func (o Object) Has(name string) bool {
	_, there := o[name]
	return there
}

// Text reads a text. Empty stands for absent, null and empty, so that "missing" means one thing
// everywhere. Spec 1.3.
func (o Object) Text(name string) (string, error) {
	if o[name] == nil {
		return "", nil
	}
	text, ok := o[name].(string)
	if !ok {
		return "", fmt.Errorf("%s is not a string", name)
	}
	return text, nil
}

// Seconds reads Unix seconds, written as a whole number: no point, no exponent. 0 stands for absent and null.
func (o Object) Seconds(name string) (int64, error) {
	if o[name] == nil {
		return 0, nil
	}
	fault := fmt.Errorf("%s is not a whole number of seconds", name)
	number, ok := o[name].(Number)
	if !ok || strings.ContainsAny(string(number), ".eE") {
		return 0, fault
	}
	seconds, err := strconv.ParseInt(string(number), 10, 64)
	if err != nil || seconds < 0 || seconds > MaxSafeInteger {
		return 0, fault
	}
	return seconds, nil
}

// Texts reads a list of texts; nil stands for absent and null.
func (o Object) Texts(name string) ([]string, error) {
	if o[name] == nil {
		return nil, nil
	}
	items, ok := o[name].([]any)
	texts := make([]string, 0, len(items))
	for _, item := range items {
		text, isText := item.(string)
		ok = ok && isText
		texts = append(texts, text)
	}
	if !ok {
		return nil, fmt.Errorf("%s is not a list of strings", name)
	}
	return texts, nil
}

// Object reads an object; nil stands for absent and null.
func (o Object) Object(name string) (Object, error) {
	if o[name] == nil {
		return nil, nil
	}
	object, ok := o[name].(Object)
	if !ok {
		return nil, fmt.Errorf("%s is not an object", name)
	}
	return object, nil
}

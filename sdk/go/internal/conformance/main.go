// Command conformance runs the shared verification vectors and prints one line of JSON per case:
// {"file","name","got"}, where got is "allow" or {"code","step"}; a case before step 1 has no step. Of a
// signature it is "valid", "invalid" or "key_refused".
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/oathmesh/oathmesh-go/internal/vectors"
)

type line struct {
	File string `json:"file"`
	Name string `json:"name"`
	Got  any    `json:"got"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: conformance FOLDER, where FOLDER is test/vectors")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run(folder string) error {
	files, err := vectors.Read(folder)
	if err != nil {
		return err
	}
	signatures, err := vectors.ReadSignatures(folder)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	for at := range signatures {
		one := &signatures[at]
		if err := out.Encode(line{one.File, one.Name, one.Judge()}); err != nil {
			return err
		}
	}
	for _, file := range files {
		for at := range file.Cases {
			one := &file.Cases[at]
			got, err := vectors.Run(one)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", file.Name, one.Name, err)
			}
			got.Reason, got.Status = "", 0
			if err := out.Encode(line{file.Name, one.Name, got}); err != nil {
				return err
			}
		}
	}
	return nil
}

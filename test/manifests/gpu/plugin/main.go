// Reads configurations of NVIDIA's device plugin with the plugin's own code, and tells what that makes of each.
//
// The plugin passes over keys that it does not know, so what it read is written out again: a key of the text that is not there was
// not read. Standard input has one JSON string a line, the text of a configuration; standard output has one answer a line.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"

	spec "github.com/NVIDIA/k8s-device-plugin/api/config/v1"
	cli "github.com/urfave/cli/v2"
	"sigs.k8s.io/yaml"
)

type answer struct {
	Error    string `json:"error,omitempty"`
	Strategy string `json:"strategy,omitempty"`
	// What a node advertises, and how many of it for each card.
	Resource string `json:"resource,omitempty"`
	Replicas int    `json:"replicas,omitempty"`
	// Whether a pod that asks for more than one is refused.
	OnlyOne bool `json:"onlyOne,omitempty"`
}

func main() {
	folder, err := os.MkdirTemp("", "fairlead-gpu-plugin-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var text string
		if err := json.Unmarshal(lines.Bytes(), &text); err != nil {
			panic(err)
		}
		read, err := check(filepath.Join(folder, "config.yaml"), text)
		if err != nil {
			read = answer{Error: err.Error()}
		}
		if err := out.Encode(read); err != nil {
			panic(err)
		}
	}
}

func check(path, text string) (answer, error) {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return answer{}, err
	}
	config, err := read(path)
	if err != nil {
		return answer{}, err
	}
	if err := allRead(text, config); err != nil {
		return answer{}, err
	}
	// What it does before it starts: fields that it takes and does not support are emptied.
	written, err := json.Marshal(config)
	if err != nil {
		return answer{}, err
	}
	spec.DisableResourceNamingInConfig(config)
	supported, err := json.Marshal(config)
	if err != nil {
		return answer{}, err
	}
	if string(written) != string(supported) {
		return answer{}, fmt.Errorf("the plugin ignores a part of it: %s is used as %s", written, supported)
	}
	return describe(config)
}

func read(path string) (*spec.Config, error) {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.String("config-file", path, "")
	return spec.NewConfig(cli.NewContext(nil, flags, nil), nil)
}

func allRead(text string, config *spec.Config) error {
	asJSON, err := yaml.YAMLToJSONStrict([]byte(text))
	if err != nil {
		return err
	}
	back, err := json.Marshal(config)
	if err != nil {
		return err
	}
	var said, kept any
	if err := json.Unmarshal(asJSON, &said); err != nil {
		return err
	}
	if err := json.Unmarshal(back, &kept); err != nil {
		return err
	}
	return within(said, kept, "")
}

func within(said, kept any, path string) error {
	switch one := said.(type) {
	case map[string]any:
		other, _ := kept.(map[string]any)
		for key, value := range one {
			there, ok := other[key]
			if !ok {
				return fmt.Errorf("the plugin does not read %s.%s", path, key)
			}
			if err := within(value, there, path+"."+key); err != nil {
				return err
			}
		}
	case []any:
		other, _ := kept.([]any)
		if len(one) != len(other) {
			return fmt.Errorf("the plugin reads %d of %d at %s", len(other), len(one), path)
		}
		for at, value := range one {
			if err := within(value, other[at], fmt.Sprintf("%s[%d]", path, at)); err != nil {
				return err
			}
		}
	default:
		if !reflect.DeepEqual(said, kept) {
			return fmt.Errorf("the plugin reads %v as %v at %s", said, kept, path)
		}
	}
	return nil
}

func describe(config *spec.Config) (answer, error) {
	strategy := config.Sharing.SharingStrategy()
	if strategy == spec.SharingStrategyNone {
		return answer{}, fmt.Errorf("nothing is shared")
	}
	// As the plugin's program refuses at its start; that part of it is no library.
	if strategy == spec.SharingStrategyMPS && config.Flags.MigStrategy != nil && *config.Flags.MigStrategy == spec.MigStrategyMixed {
		return answer{}, fmt.Errorf("MPS is not supported with the MIG strategy mixed")
	}
	if config.Sharing.MPS != nil && len(config.Sharing.TimeSlicing.Resources) > 0 {
		return answer{}, fmt.Errorf("time slices beside MPS are passed over")
	}
	resources := config.Sharing.ReplicatedResources()
	first := resources.Resources[0]
	name := first.Name
	if first.Rename != "" {
		name = first.Rename
	}
	return answer{
		Strategy: string(strategy),
		Resource: string(name),
		Replicas: first.Replicas,
		OnlyOne:  resources.FailRequestsGreaterThanOne,
	}, nil
}

"""Holds every Kubernetes resource of the files against the schemas of Kubernetes; strict: no unknown field."""
import sys

import kubernetes_validate
import yaml

VERSION = "1.31"
checked = 0
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        for resource in yaml.safe_load_all(file):
            if resource is None or resource["apiVersion"].startswith("configuration.konghq.com/"):
                continue
            try:
                kubernetes_validate.validate(resource, VERSION, strict=True)
            except Exception as fault:  # whatever it is, this resource is not good
                sys.exit(f"{name}: {resource['kind']} {resource['metadata']['name']}: {fault}")
            checked += 1
print(f"{checked} checked")

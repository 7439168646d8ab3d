#!/usr/bin/env bash
# github.com/oapi-codegen/oapi-codegen v2.8.2, with an OpenAPI 3.1 description.
#
# Guess: a schema that only an operation under `webhooks` refers to is generated, as one that a path
# refers to is; or, if webhooks are not served, nothing of them is generated.
# Behaviour: the schema is pruned as unused, and the body of the webhook is generated all the same,
# as an alias of a type that does not exist. The client does not compile. The output option
# skip-prune keeps the schema.
# Seen: "undefined: News" without skip-prune, and a client that compiles with it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > api.json <<'JSON'
{
  "openapi": "3.1.0",
  "info": {"title": "example", "version": "1.0.0"},
  "paths": {"/orders": {"get": {"operationId": "listOrders", "responses": {"200": {"description": "all of them"}}}}},
  "webhooks": {
    "news": {
      "post": {
        "operationId": "news",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/News"}}}},
        "responses": {"204": {"description": "taken"}}
      }
    }
  },
  "components": {"schemas": {"News": {"type": "object", "properties": {"type": {"type": "string"}}}}}
}
JSON
go mod init example >/dev/null 2>&1
generate() {
  GOFLAGS=-mod=mod go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -generate "$1" -package main -o api.go api.json 2>/dev/null
  printf 'package main\n\nfunc main() {}\n' > main.go
  GOFLAGS=-mod=mod go mod tidy >/dev/null 2>&1
  go build -o /dev/null . 2>&1 || true
}
pruned=$(generate types,client)
kept=$(generate types,client,skip-prune)
printf 'without skip-prune: %s\nwith skip-prune: %s\n' "${pruned:-compiles}" "${kept:-compiles}"
[[ $pruned == *"undefined: News"* && -z $kept ]] || { echo "the behaviour has changed"; exit 1; }

//go:build !unix

package postgrestest

import "errors"

func startCluster(string) (string, error) {
	return "", errors.New("set TEST_POSTGRES_URL; a throw-away cluster is made on Unix only")
}

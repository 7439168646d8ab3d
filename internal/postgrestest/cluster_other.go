//go:build !unix

package postgrestest

import "errors"

func startCluster(string) (cluster, error) {
	return cluster{}, errors.New("set TEST_POSTGRES_URL; a throw-away cluster is made on Unix only")
}

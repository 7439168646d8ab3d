//go:build !unix

package postgrestest

import (
	"errors"
	"io"
)

func startCluster(string) (cluster, error) {
	return cluster{}, errors.New("set TEST_POSTGRES_URL; a throw-away cluster is made on Unix only")
}

func startPooler(string, string, string) (io.WriteCloser, error) {
	return nil, errors.New("PgBouncer is run on Unix only")
}

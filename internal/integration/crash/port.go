//go:build linux

package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

const (
	// lowPort and highPort bound the ports that are used: below those that the kernel gives to clients, so that nobody takes
	// the port of a server that is dead for a moment.
	lowPort, highPort = 12_000, 32_000
	portTries         = 100
)

// reservePort finds a free TCP port of 127.0.0.1 and keeps it for the caller, who may listen there and stop again, until
// release. The UDP port of the same number says that it is taken.
func reservePort(ctx context.Context) (port int, release func(), err error) {
	var config net.ListenConfig
	for range portTries {
		port = lowPort + rand.IntN(highPort-lowPort) //nolint:gosec // no secret
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		mark, markErr := config.ListenPacket(ctx, "udp4", address)
		if markErr != nil {
			err = markErr
			continue
		}
		listener, listenErr := config.Listen(ctx, "tcp4", address)
		if listenErr == nil {
			listenErr = listener.Close()
		}
		if listenErr == nil {
			return port, func() { _ = mark.Close() }, nil
		}
		err = errors.Join(listenErr, mark.Close())
	}
	return 0, nil, fmt.Errorf("no free port in %d tries: %w", portTries, err)
}

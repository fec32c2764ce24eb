package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// requestLimit is how long one request may take in all: the success page waits for up to 30 seconds, and then there are up
// to 45 for the work. Responses and the shutdown are given that time.
const requestLimit = 80 * time.Second

// listenAndServe listens, serves the app that build makes until ctx is done, lets the requests in flight finish and puts
// everything away.
func listenAndServe(
	ctx context.Context, addr string, logger *slog.Logger, build func(work context.Context, addr net.Addr) (*app, error),
) (err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("PAYMOUNT_ADDR: %w", err)
	}
	// Requests in flight outlive ctx, and so does everything that they work with.
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	a, err := build(work, listener.Addr())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() {
		stop()
		err = errors.Join(err, a.close())
	}()

	server := newHTTPServer(work, a.handler, logger)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	logger.InfoContext(ctx, "listening", "addr", listener.Addr().String(), "gate_mode", a.mode, "database", a.database.kind)
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
		logger.InfoContext(ctx, "stopping, requests in flight may finish")
		return shutdown(work, server)
	}
}

func newHTTPServer(work context.Context, handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       20 * time.Second,
		WriteTimeout:      requestLimit,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		BaseContext:       func(net.Listener) context.Context { return work },
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

func shutdown(work context.Context, server *http.Server) error {
	grace, cancel := context.WithTimeout(work, requestLimit)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return errors.Join(fmt.Errorf("requests were still in flight: %w", err), server.Close())
	}
	return nil
}

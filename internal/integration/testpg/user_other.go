//go:build !linux

package testpg

import "syscall"

// account is the user who runs the tests.
type account struct{}

func postgres() (account, error) { return account{}, nil }

func (account) attributes(syscall.Signal) *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

func (account) own(string) error { return nil }

//go:build !linux

package testpg

import "syscall"

// asPostgres returns the attributes of a process of the same user.
func asPostgres(string) (*syscall.SysProcAttr, error) { return &syscall.SysProcAttr{}, nil }

//go:build linux

package crash

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a program that a test has started, and ends by its process id.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed once it has ended
}

// startProcess starts a program, which without other attributes is killed when the test dies.
func startProcess(cmd *exec.Cmd) (*process, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, ended: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // how it ended is in cmd.ProcessState
		close(p.ended)
	}()
	return p, nil
}

func (p *process) alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// kill ends the process at once, and returns when it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it has ended already
	<-p.ended
}

// end asks the process to end and returns its exit code. It kills one that does not end in time, and reports it.
func (p *process) end(signal os.Signal, limit time.Duration) (int, error) {
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return 0, err
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode(), nil
	case <-timer.C:
		p.kill()
		return 0, fmt.Errorf("process %d did not end in %s", p.cmd.Process.Pid, limit)
	}
}

// freeze stops the process and all that it has started, the parents first, so that nothing new can begin.
func (p *process) freeze() error { return signalAll(p.family, syscall.SIGSTOP) }

// thaw lets all of them go on.
func (p *process) thaw() error { return signalAll(p.family, syscall.SIGCONT) }

// vanish ends all of them at one instant, as when the machine loses its power.
func (p *process) vanish() error {
	if err := p.freeze(); err != nil {
		return err
	}
	err := signalAll(p.family, syscall.SIGKILL)
	<-p.ended
	return err
}

func signalAll(family func() []int, signal syscall.Signal) error {
	for _, pid := range family() {
		if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("signal %d to process %d: %w", signal, pid, err)
		}
	}
	return nil
}

// family lists the process and its descendants, parents first. Those of a stopped process are complete.
func (p *process) family() []int {
	all := []int{p.cmd.Process.Pid}
	for i := 0; i < len(all); i++ {
		children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", all[i], all[i]))
		if err != nil {
			continue // it has ended
		}
		for child := range strings.FieldsSeq(string(children)) {
			if pid, err := strconv.Atoi(child); err == nil {
				all = append(all, pid)
			}
		}
	}
	return all
}

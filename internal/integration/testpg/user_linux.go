package testpg

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// account is a user of the system; nil stands for the one who runs the tests.
type account struct{ credential *syscall.Credential }

// postgres returns the user postgres for root, and nobody else for anybody else.
func postgres() (account, error) {
	if os.Getuid() != 0 {
		return account{}, nil
	}
	found, err := user.Lookup("postgres")
	if err != nil {
		return account{}, err
	}
	uid, err := strconv.ParseUint(found.Uid, 10, 31)
	if err != nil {
		return account{}, err
	}
	gid, err := strconv.ParseUint(found.Gid, 10, 31)
	if err != nil {
		return account{}, err
	}
	return account{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

func (a account) attributes(signal syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: signal, Credential: a.credential}
}

func (a account) own(folder string) error {
	if a.credential == nil {
		return nil
	}
	return os.Chown(folder, int(a.credential.Uid), int(a.credential.Gid))
}

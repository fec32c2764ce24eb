//go:build linux

package crash

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// disk is a small file system of its own, which can be full.
type disk struct{ folder string }

// mountDisk mounts a disk of some MiB in an empty folder. It needs root.
func mountDisk(folder, size string) (disk, error) {
	return disk{folder}, syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+size)
}

// unmount takes the disk away. A process that another test has just forked can have its files open until it runs a program of
// its own, so the disk itself goes once nobody has (MNT_DETACH).
func (d disk) unmount() error { return syscall.Unmount(d.folder, syscall.MNT_DETACH) }

func (d disk) ballast() string { return filepath.Join(d.folder, "ballast") }

// fill leaves not a byte.
func (d disk) fill() (err error) {
	file, err := os.OpenFile(d.ballast(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	for size := 64 << 10; size > 0; {
		n, err := file.Write(make([]byte, size))
		switch {
		case errors.Is(err, syscall.ENOSPC) && n == 0:
			size /= 2
		case err != nil && !errors.Is(err, syscall.ENOSPC):
			return err
		}
	}
	return nil
}

// free gives the space back.
func (d disk) free() error { return os.Remove(d.ballast()) }

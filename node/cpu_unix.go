//go:build unix

package node

import "syscall"

// cpuTimes are the process's system and user time in seconds.
func cpuTimes() (sys, user float64) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0, 0
	}
	return float64(u.Stime.Sec) + float64(u.Stime.Usec)/1e6, float64(u.Utime.Sec) + float64(u.Utime.Usec)/1e6
}

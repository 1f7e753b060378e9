package memory

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// hugeBytes is how much memory is worth asking for huge pages.
	hugeBytes = 4 << 20
	hugePage  = 2 << 20
)

// adviseHuge asks for huge pages under memory that is about to be filled for the first time. Each
// page that is touched first costs a fault, and more than copying its bytes does. b has its whole
// capacity as its length.
func adviseHuge(b []byte) {
	if len(b) < hugeBytes {
		return
	}
	at := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	first := -at & (hugePage - 1) // to the next boundary
	whole := (uintptr(len(b)) - first) &^ (hugePage - 1)
	_ = unix.Madvise(b[first:first+whole], unix.MADV_HUGEPAGE) // kernels that have none refuse
}

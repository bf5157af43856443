package sqlite

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// A VFS is SQLite's view of a file system. The one here is that of the machine,
// but for what changes files: that goes past a disk first. SQLite calls it
// through tables of C functions, so it finds its Go values by their addresses.
type vfs struct {
	disk  *disk
	under uintptr // The machine's.
}

// vfsFile is an open file, with its methods under ours.
type vfsFile struct {
	vfs     *vfs
	name    string
	methods *lib.Tsqlite3_io_methods
}

// registered finds the Go values of file systems and of open files.
type registered struct {
	vfs   sync.Map // By address.
	files sync.Map
}

var table registered

// onDisk registers a VFS over a disk, and returns its name.
func onDisk(tb testing.TB, d *disk) string {
	tb.Helper()
	tls := libc.NewTLS()
	under := lib.Xsqlite3_vfs_find(tls, 0)
	name := fmt.Sprintf("disk%p", d)
	zName, err := libc.CString(name)
	if err != nil {
		tb.Fatal(err)
	}
	own := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(lib.Tsqlite3_vfs{})))
	v := at[lib.Tsqlite3_vfs](own)
	*v = *at[lib.Tsqlite3_vfs](under)
	v.FpNext, v.FzName = 0, zName
	v.FxOpen, v.FxDelete = function(vfsOpen), function(vfsDelete)
	table.vfs.Store(own, &vfs{disk: d, under: under})
	if code := lib.Xsqlite3_vfs_register(tls, own, 0); code != lib.SQLITE_OK {
		tb.Fatalf("registering a VFS: code %d", code)
	}
	tb.Cleanup(func() {
		lib.Xsqlite3_vfs_unregister(tls, own)
		table.vfs.Delete(own)
		libc.Xfree(tls, own)
		libc.Xfree(tls, zName)
		tls.Close()
	})
	return name
}

// at is what stands at an address of C's memory.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// function is the address by which C calls a function of Go, and the reverse of
// call.
func function[F any](f F) uintptr {
	return *(*uintptr)(unsafe.Pointer(&struct{ f F }{f}))
}

func call[F any](address uintptr) F {
	return *(*F)(unsafe.Pointer(&struct{ uintptr }{address}))
}

func vfsOpen(tls *libc.TLS, own, zName, file uintptr, flags int32, outFlags uintptr) int32 {
	value, _ := table.vfs.Load(own)
	v := value.(*vfs)
	under := at[lib.Tsqlite3_vfs](v.under)
	code := call[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](under.FxOpen)(tls, v.under, zName, file, flags, outFlags)
	if code != lib.SQLITE_OK {
		return code
	}
	f := at[lib.Tsqlite3_file](file)
	methods := at[lib.Tsqlite3_io_methods](f.FpMethods)
	copied := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(*methods)))
	ours := at[lib.Tsqlite3_io_methods](copied)
	*ours = *methods
	ours.FxWrite, ours.FxTruncate = function(vfsWrite), function(vfsTruncate)
	ours.FxSync, ours.FxClose = function(vfsSync), function(vfsClose)
	f.FpMethods = copied
	table.files.Store(file, &vfsFile{vfs: v, name: filepath.Base(libc.GoString(zName)), methods: methods})
	return lib.SQLITE_OK
}

func openFile(file uintptr) *vfsFile {
	value, _ := table.files.Load(file)
	return value.(*vfsFile)
}

func vfsDelete(tls *libc.TLS, own, zName uintptr, syncFolder int32) int32 {
	value, _ := table.vfs.Load(own)
	v := value.(*vfs)
	op := operation{kind: opDelete, name: filepath.Base(libc.GoString(zName)), offset: int64(syncFolder)}
	if code := v.disk.do(op); code != 0 {
		return code
	}
	under := at[lib.Tsqlite3_vfs](v.under)
	return call[func(*libc.TLS, uintptr, uintptr, int32) int32](under.FxDelete)(tls, v.under, zName, syncFolder)
}

func vfsWrite(tls *libc.TLS, file, data uintptr, size int32, offset int64) int32 {
	f := openFile(file)
	op := operation{kind: opWrite, name: f.name, offset: offset, data: unsafe.Slice(at[byte](data), size)}
	if code := f.vfs.disk.do(op); code != 0 {
		return code
	}
	return call[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](f.methods.FxWrite)(tls, file, data, size, offset)
}

func vfsTruncate(tls *libc.TLS, file uintptr, size int64) int32 {
	f := openFile(file)
	if code := f.vfs.disk.do(operation{kind: opTruncate, name: f.name, offset: size}); code != 0 {
		return code
	}
	return call[func(*libc.TLS, uintptr, int64) int32](f.methods.FxTruncate)(tls, file, size)
}

func vfsSync(_ *libc.TLS, file uintptr, _ int32) int32 {
	f := openFile(file)
	return f.vfs.disk.do(operation{kind: opSync, name: f.name})
}

func vfsClose(tls *libc.TLS, file uintptr) int32 {
	f := openFile(file)
	table.files.Delete(file)
	ours := at[lib.Tsqlite3_file](file).FpMethods
	at[lib.Tsqlite3_file](file).FpMethods = uintptr(unsafe.Pointer(f.methods))
	libc.Xfree(tls, ours)
	return call[func(*libc.TLS, uintptr) int32](f.methods.FxClose)(tls, file)
}

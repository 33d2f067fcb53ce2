import CPhjobLinux
import Glibc

/// Takes the place of glibc's readdir(3) in the whole process: the dynamic linker looks for the symbol in the program first (ld.so(8)).
///
/// A record of a listing is as long as its name. Foundation up to Swift 6.3 copies the 256 bytes as which `d_name` is declared
/// (`findMaximumOpenFromProcSelfFD`), each time that a `Process` lists /proc/self/fd. From 1,354 open descriptors on the listing fills
/// its 32 KiB, and the copy may leave the last page of the heap: then a server with many clients ends with SIGSEGV. No allocator's
/// setting keeps a buffer away from the end of its heap, so here each record is handed out in a place as long as it is declared.
///
/// The place is this thread's, and is used again after seven more records, where readdir(3) promises one of the same stream.
///
/// - Returns: the next record; nil at the end, or at an error, as `errno` says.
@_cdecl("readdir")
public func wholeDirectoryEntry(_ stream: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    guard let record = phjob_glibc_readdir(stream) else { return nil }
    let length = record.assumingMemoryBound(to: dirent.self).pointer(to: \.d_reclen)?.pointee ?? 0
    let place = phjob_next_thread_place()
    // A longer name than 255 bytes has a longer record; it is handed out as it is.
    guard length <= PHJOB_PLACE_SIZE else { return record }
    memcpy(place, record, Int(length))
    return place
}

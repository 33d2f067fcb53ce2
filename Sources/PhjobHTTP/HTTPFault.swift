/// What is wrong with the form of a message (RFC 9112, unless another one is named).
package enum HTTPFault: String, Sendable, Equatable, CaseIterable {
    /// Section 2.2.
    case bareLineFeed = "a line ends in LF without CR"
    /// Section 3.
    case requestLine = "the request line is not `METHOD target HTTP/version`"
    /// RFC 9110, section 9.1.
    case method = "the method contains a character that is not allowed there"
    /// Section 3.2.
    case target = "the target is not a path that starts with / and contains only allowed characters"
    /// RFC 3986, section 2.1.
    case percentEncoding = "a % in the target is not followed by two hexadecimal digits"
    case targetText = "the decoded target is not UTF-8, or contains NUL"
    case dotSegment = "the path contains . or .. as a segment"
    /// Section 2.3.
    case version = "the version is not of the form HTTP/1.1"
    /// Section 4.
    case statusLine = "the status line is not `HTTP/version code reason`"
    /// Section 5.
    case fieldLine = "a header line has no colon"
    /// Section 5.1.
    case fieldName = "a header's name is empty, or contains a space or a character that is not allowed there"
    /// Section 5.2.
    case foldedField = "a header line is continued on the next one"
    /// RFC 9110, section 5.5.
    case fieldValue = "a header's value contains a control character"
    /// Section 3.2.
    case repeatedHost = "there is more than one Host header"
    /// Section 6.3, rule 5.
    case contentLength = "Content-Length is not a number of bytes"
    case repeatedContentLength = "there is more than one Content-Length"
    /// Section 6.3, rule 3.
    case lengthAndTransferEncoding = "there is a Content-Length and a Transfer-Encoding"
    /// Section 6.1.
    case transferEncoding = "Transfer-Encoding is empty, or names chunked more than once, or the message is HTTP/1.0"
    /// Section 7.1.
    case chunkSize = "a chunk's size is not a hexadecimal number that fits"
    /// Section 7.1.1.
    case chunkExtension = "a chunk's extension is too long, or contains a control character"
    case chunkOverhead = "the chunks have far more extensions than data"
    case chunkEnd = "a chunk is not followed by a line end"
    /// Section 8.
    case incomplete = "the connection ended in the middle of the message"
}

// Package control is the management API: the AWS Query protocol of ElastiCache
// (version 2015-02-02) over HTTP, as the aws CLI and the SDKs speak it, and a
// health check.
//
// What lives here: reading requests (params.go, request.go), the one table of
// operations (operations.go), their validation with the service's codes and
// texts (errors.go), paging, and the XML of the answers (shapes.go, xml.go).
// What does not: doing it. A Backend shows the replication groups and carries
// the changes out.
//
// Texts of errors: those the service is known to send are sent word for word;
// where its text is not known ours says what is wrong and how to say it right.
// errors.go marks which is which.
//
// Differences from the service, all deliberate:
//   - Signatures are not checked and, unless Config.RequireAuth is set, may be
//     missing, so that curl works. The region is read from the signature's
//     credential scope for the log; groups of every region are shown whatever
//     region the client has configured.
//   - A missing Version parameter is taken for the only one there is.
//   - There is no maintenance window: changes that would wait for one are
//     refused, with the advice to say ApplyImmediately.
//   - TestFailover may be called as often as one likes.
package control

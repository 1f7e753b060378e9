package control

import (
	"fmt"
	"net/http"
	"strings"
)

// Error is a refusal in the service's form.
type Error struct {
	Code    string // as it stands on the wire, irregular as the service's codes are
	Status  int    // HTTP
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Codes on the wire. Those that are missing in statuses go with 400.
const (
	codeCacheClusterNotFound        = "CacheClusterNotFound"
	codeParameterGroupNotFound      = "CacheParameterGroupNotFound"
	codeIncompleteSignature         = "IncompleteSignature"
	codeInternalFailure             = "InternalFailure"
	codeInvalidAction               = "InvalidAction"
	codeInvalidParameterCombination = "InvalidParameterCombination"
	codeInvalidParameterValue       = "InvalidParameterValue"
	codeInvalidReplicationGroup     = "InvalidReplicationGroupState"
	codeMalformedInput              = "MalformedInput"
	codeMalformedQueryString        = "MalformedQueryString"
	codeMissingAction               = "MissingAction"
	codeMissingAuthenticationToken  = "MissingAuthenticationToken"
	codeMissingParameter            = "MissingParameter"
	codeNoOperation                 = "NoOperationFault"
	codeNodeGroupNotFound           = "NodeGroupNotFoundFault"
	codeNodeGroupsQuota             = "NodeGroupsPerReplicationGroupQuotaExceeded"
	codeNodeQuotaForCustomer        = "NodeQuotaForCustomerExceeded"
	codeReplicationGroupNotFound    = "ReplicationGroupNotFoundFault"
	codeTestFailoverNotAvailable    = "TestFailoverNotAvailableFault"
	codeRequestTooLarge             = "RequestEntityTooLarge"
)

var statuses = map[string]int{
	codeCacheClusterNotFound:       http.StatusNotFound,
	codeParameterGroupNotFound:     http.StatusNotFound,
	codeInternalFailure:            http.StatusInternalServerError,
	codeMalformedQueryString:       http.StatusNotFound, // sic
	codeMissingAuthenticationToken: http.StatusForbidden,
	codeNodeGroupNotFound:          http.StatusNotFound,
	codeReplicationGroupNotFound:   http.StatusNotFound,
	codeRequestTooLarge:            http.StatusRequestEntityTooLarge,
}

// refuse makes an Error with the status that belongs to the code.
func refuse(code, format string, args ...any) *Error {
	status, ok := statuses[code]
	if !ok {
		status = http.StatusBadRequest
	}
	return &Error{Code: code, Status: status, Message: fmt.Sprintf(format, args...)}
}

// Refusals that a Backend makes. The text of ErrNotAvailable and
// UnknownVersion is the service's, that of Downgrade and UnknownZone ours.
var ErrNotAvailable = refuse(codeInvalidReplicationGroup, "Replication group must be in available state to modify.")

// UnknownVersion refuses an engine version that does not exist.
func UnknownVersion(engine, version string) *Error {
	return refuse(codeInvalidParameterCombination, "Cannot find version %s for %s", clip(version), clip(engine))
}

// Downgrade refuses the way back to an older version or another engine.
func Downgrade(engine, version, toEngine, toVersion string) *Error {
	return refuse(codeInvalidParameterCombination,
		"Cannot change %s %s to %s %s: an engine version cannot be downgraded.", engine, version, clip(toEngine), clip(toVersion))
}

// UnknownZone refuses a zone in which no node can be.
func UnknownZone(zone string) *Error {
	return refuse(codeInvalidParameterValue, "%s is not a valid availability zone.", clip(zone))
}

// Texts of the service, each seen in its documentation or in reports of its
// users.
const (
	textNothingToReshard  = "Slots in the replication group are uniformly distributed. Nothing to do."
	textClusterModeOnly   = "Operation is only applicable for cluster mode enabled replication groups."
	textReplicasAlready   = "Requested new replica count already matches current number of replicas."
	textFailoverNeedsOne  = "Must have at least 1 replica when cluster mode is disabled with auto failover enabled."
	textMultiAZNeedsOne   = "Must have at least 1 replica for Multi-AZ enabled Replication Group"
	textFailoverStaysOn   = "Turning off automatic failover for replication group with cluster mode enabled is not supported."
	textInvalidNodeGroups = "The following node group ids are invalid: [%s]"
	textGroupNotFound     = "ReplicationGroup %s not found."
	textClusterNotFound   = "CacheCluster not found: %s"
	textMaxRecords        = "Invalid value for max records. Must be between 20 and 100"
	textParameterFamily   = "Expected a parameter group of family %s but found one of family %s"
	textCustomerNodeQuota = "Customer node quota exceeded. You can have at most %d nodes in this region"
)

// Texts of AWS's query services in general, not seen from this one. Every
// other text in the package is ours.
const (
	textMissingParameter    = "The request must contain the parameter %s"
	textBlankParameter      = "The parameter %s must be provided and must not be blank."
	textNoOperation         = "Could not find operation %s for version %s"
	textMissingToken        = "Request is missing Authentication Token"
	textIncompleteSignature = "Authorization header requires 'Credential' parameter."
)

// maxEcho bounds how much of a client's value an error repeats, in bytes.
const maxEcho = 100

func clip(value string) string {
	if len(value) > maxEcho {
		return strings.ToValidUTF8(value[:maxEcho], "") + "…"
	}
	return value
}

/**
 * A message to the plugin server had no result: it answered with an error, or its connection was
 * refused, broke off or stayed silent. Kong only logs it, and the request goes on.
 */
export class RpcError extends Error {}

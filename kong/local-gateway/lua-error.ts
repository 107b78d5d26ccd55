/**
 * What is a Lua error inside Kong: it ends the plugin, out of the plugin's reach. In the access phase
 * the client gets 500; in the log phase a line in the log is all that remains of it.
 */
export class LuaError extends Error {}

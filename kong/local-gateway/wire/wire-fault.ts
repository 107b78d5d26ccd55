/**
 * The plugin server gave no result: its connection was refused, broke off or stayed silent, or it
 * answered with something that ends the event. What Kong then does is the wire's to say.
 */
export class WireFault extends Error {}

/** The server has a core to itself, and what asks it another. */
export const SERVER_CORE = 0;
export const CLIENT_CORE = 1;

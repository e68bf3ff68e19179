/** Where the soak's server tells its threads which of them is to end, by number. */
export const CHANNEL = 'soak';

/** Short enough for a legend: the end of an id, where those that began together differ. */
const SHORT = 6;

export const shortNode = (nodeId: string): string => nodeId.slice(-SHORT);

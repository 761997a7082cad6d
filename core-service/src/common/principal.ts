/** Who asks: what the guard puts on the request. */
export interface Caller {
  userId: string;
}

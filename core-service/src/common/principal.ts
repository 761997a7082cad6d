/** Who is calling. The guard puts it on the request; services decide by it what the caller may do. */
export interface Principal {
  kind: 'user';
  /** The account that the caller acts for: its tokens, styles and images. */
  userId: string;
}

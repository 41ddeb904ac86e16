/** A rule that no transaction meets: with it a service announces the points that it passes. */
export const NOBODY = { point: 'resolution.sent', action: 'throw', txNo: 'nobody' } as const;

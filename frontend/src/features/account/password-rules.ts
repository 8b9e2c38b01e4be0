const LEAST = 8;

/** A change of the password, as it is typed. */
export interface TypedPasswords {
  current: string;
  fresh: string;
  again: string;
}

export const EMPTY: TypedPasswords = { current: "", fresh: "", again: "" };

/** What is wrong before the server need be asked, by field. */
export function wrongWith({ current, fresh, again }: TypedPasswords): Partial<TypedPasswords> {
  return {
    ...(current ? {} : { current: "Enter your present password" }),
    ...(fresh.length >= LEAST ? {} : { fresh: `At least ${LEAST} characters` }),
    ...(fresh === again ? {} : { again: "Not the same as above" }),
  };
}

/**
 * A part of a statement: text as it is, the strings of a template, or `parameter`.
 *
 * Templates are compared by identity, which is why equal arrays of strings must be one array.
 */
export type StatementPart = string | readonly string[] | symbol;

/** A value that is sent beside the text. */
export const parameter = Symbol('parameter');

/** Longer arrays of strings are not kept: their statements differ from one request to the next. */
export const mostStrings = 64;

/** The parts of a statement so far, in the order in which they are visited: equal parts have equal text. */
export class TextShape {
  /** The text of the statement that ends here, once it was written. */
  text: string | undefined;
  // Nearly all shapes are continued in one way.
  #part: StatementPart | undefined = undefined;
  #following: TextShape | undefined;
  #others: Map<StatementPart, TextShape> | undefined;

  find(part: StatementPart): TextShape | undefined {
    return this.#part === part ? this.#following : this.#others?.get(part);
  }

  add(part: StatementPart): TextShape {
    const added = new TextShape();
    if (this.#following === undefined) [this.#part, this.#following] = [part, added];
    else (this.#others ??= new Map()).set(part, added);
    return added;
  }
}

/** At most some 6 MB, with their texts. */
const mostShapes = 20_000;

/**
 * Texts of statements by their shape.
 *
 * A statement is made anew for each request, mostly with the text of an earlier one. The same string has its hash code
 * already, by which drivers find their prepared statement; to join it again and to compute the hash of some 1,500
 * characters takes longer than to find it.
 */
export class StatementTexts {
  #root = new TextShape();
  #shapes = 0;

  /** The shape of a statement without parts. */
  start(): TextShape {
    // Clients decide which filters there are, and so how many shapes.
    if (this.#shapes > mostShapes) {
      this.#root = new TextShape();
      this.#shapes = 0;
    }
    return this.#root;
  }

  /** @returns the shape with one part more; undefined where its text is not kept */
  after(shape: TextShape | undefined, part: StatementPart): TextShape | undefined {
    if (shape === undefined || (typeof part === 'object' && part.length > mostStrings)) return undefined;
    const found = shape.find(part);
    if (found !== undefined) return found;
    this.#shapes++;
    return shape.add(part);
  }
}

import { describe, expect, it } from '@jest/globals';
import {
  mostStrings,
  parameter,
  type StatementPart,
  StatementTexts,
  type TextShape,
} from '../../src/database/statement-texts.js';

function shapeOf(texts: StatementTexts, parts: readonly StatementPart[]): TextShape | undefined {
  return parts.reduce<TextShape | undefined>((shape, part) => texts.after(shape, part), texts.start());
}

describe('Shapes of statements', () => {
  const strings = ['select ', ''];

  it('are the same for equal parts', () => {
    const texts = new StatementTexts();
    const shape = shapeOf(texts, [strings, parameter]);
    expect(shape).toBeDefined();
    expect(shapeOf(texts, [strings, parameter])).toBe(shape);
    expect(shapeOf(texts, [strings, `${'now'}()`])).toBe(shapeOf(texts, [strings, 'now()']));
  });

  it('differ where a part does', () => {
    const texts = new StatementTexts();
    const shapes = [
      shapeOf(texts, []),
      shapeOf(texts, [strings]),
      shapeOf(texts, [strings, parameter]),
      shapeOf(texts, [strings, 'parameter']),
      shapeOf(texts, [strings, strings]),
      shapeOf(texts, [[...strings], parameter]),
      shapeOf(texts, [strings, parameter, parameter]),
    ];
    expect(new Set(shapes).size).toBe(shapes.length);
  });

  it('are not kept where an array is long', () => {
    const texts = new StatementTexts();
    expect(shapeOf(texts, [strings, Array<string>(mostStrings + 1).fill(''), parameter])).toBeUndefined();
    expect(shapeOf(texts, [strings, Array<string>(mostStrings).fill(''), parameter])).toBeDefined();
  });

  it('are forgotten when clients have made too many', () => {
    const texts = new StatementTexts();
    const known = shapeOf(texts, [strings, parameter]);
    for (let i = 0; i < 19_990; i++) shapeOf(texts, [strings, String(i)]);
    expect(shapeOf(texts, [strings, parameter])).toBe(known);
    for (let i = 20_000; i < 20_020; i++) shapeOf(texts, [strings, String(i)]);
    expect(shapeOf(texts, [strings, parameter])).not.toBe(known);
  });
});

/**
 * Reads what a source file names as a module, through the compiler's own parser.
 *
 * Found are: import and export declarations, `import()`, `require()`, `import x = require()`, types written
 * `import('x')`, `import.meta.resolve()`, and `new URL('x', import.meta.url)`, by which workers and native files are
 * reached. A name that is computed at run time is not seen.
 */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

export interface ImportedName {
  readonly specifier: string;
  /** From 1. */
  readonly line: number;
  /** `url`: a file is named, which need not be a module. */
  readonly kind: 'module' | 'url';
}

/** The module names in one file, in the order they stand there. */
export function readImports(path: string): ImportedName[] {
  const source = parse(path);
  const found: ImportedName[] = [];
  const add = (node: ts.Node | undefined, kind: ImportedName['kind'] = 'module') => {
    if (node === undefined || !ts.isStringLiteralLike(node)) return;
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    found.push({ specifier: node.text, line: line + 1, kind });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    else if (ts.isExternalModuleReference(node)) add(node.expression);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal);
    } else if (ts.isCallExpression(node) && loadsModule(node.expression)) add(node.arguments[0]);
    else if (ts.isNewExpression(node) && isUrlBesideModule(node)) add(node.arguments?.[0], 'url');
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Parses one file; comments of JavaScript files are not read for types. */
export function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true);
}

function loadsModule(callee: ts.Expression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  if (ts.isIdentifier(callee)) return callee.text === 'require';
  if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== 'resolve') return false;
  return ts.isMetaProperty(callee.expression) || callee.expression.getText() === 'require';
}

function isUrlBesideModule(node: ts.NewExpression): boolean {
  if (!ts.isIdentifier(node.expression) || node.expression.text !== 'URL') return false;
  return node.arguments?.[1]?.getText() === 'import.meta.url';
}

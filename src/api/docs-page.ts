/** The reference page: it draws /openapi.json by itself, and loads nothing from elsewhere. */
export const docsPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Parley API</title>
<style>
  :root { color-scheme: light dark; --line: #8884; --soft: #8881; }
  body { margin: 0 auto; padding: 1.5rem; max-width: 60rem; font: 16px/1.5 system-ui, sans-serif; }
  h1 { margin-top: 0; } h2 { margin-top: 2.5rem; }
  details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; }
  details[open] { background: var(--soft); }
  summary { cursor: pointer; padding: .5rem .8rem; }
  summary code { margin-right: .6rem; overflow-wrap: anywhere; }
  .method { display: inline-block; min-width: 4.2rem; font-weight: 700; font-family: ui-monospace, monospace; }
  .inside { padding: 0 1rem .8rem; }
  pre { overflow-x: auto; padding: .7rem; background: var(--soft); border-radius: 6px; font-size: .85rem; }
  nav a { margin-right: .8rem; }
</style>
</head>
<body>
<h1>Parley API</h1>
<main id="main"><p>Loading the document…</p></main>
<noscript><p>This page needs JavaScript. The document itself is at <a href="/openapi.json">/openapi.json</a>.</p></noscript>
<script src="/docs/page.js"></script>
</body>
</html>
`;

export const docsScript = `'use strict';
const make = (tag, text, ...children) => {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  element.append(...children);
  return element;
};
const nameOf = (ref) => ref.split('/').pop();
function shape(schema, depth) {
  if (!schema) return '';
  if (schema.$ref) return nameOf(schema.$ref);
  const pad = '  '.repeat(depth + 1);
  const union = schema.oneOf || schema.anyOf;
  if (union) return union.map((one) => shape(one, depth)).join(' | ');
  if (schema.allOf) return schema.allOf.map((one) => shape(one, depth)).join(' & ');
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === 'array') return '[ ' + shape(schema.items, depth) + ' ]';
  if (schema.properties) {
    const required = schema.required || [];
    const lines = Object.entries(schema.properties).map(([name, value]) =>
      pad + name + (required.includes(name) ? '' : '?') + ': ' + shape(value, depth + 1));
    return '{\\n' + lines.join('\\n') + '\\n' + '  '.repeat(depth) + '}';
  }
  const type = Array.isArray(schema.type) ? schema.type.join(' | ') : schema.type || 'any';
  return schema.format ? type + ' (' + schema.format + ')' : type;
}
const schemaOf = (content) => content && Object.values(content)[0] && Object.values(content)[0].schema;
function operation(method, path, facts) {
  const inside = make('div');
  inside.className = 'inside';
  (facts.description || '').split('\\n\\n').forEach((text) => text && inside.append(make('p', text)));
  const parameters = facts.parameters || [];
  if (parameters.length) {
    inside.append(make('h4', 'Parameters'), make('pre', parameters.map((one) =>
      one.name + (one.required ? '' : '?') + ' (' + one.in + '): ' + shape(one.schema, 0)).join('\\n')));
  }
  const body = facts.requestBody && schemaOf(facts.requestBody.content);
  if (body) inside.append(make('h4', 'Body'), make('pre', shape(body, 0)));
  for (const [status, response] of Object.entries(facts.responses)) {
    const answer = schemaOf(response.content);
    inside.append(make('h4', status === 'default' ? 'Otherwise' : 'Answer ' + status),
      make('pre', answer ? shape(answer, 0) : response.description));
  }
  const head = make('summary');
  const verb = make('span', method.toUpperCase());
  verb.className = 'method';
  head.append(verb, make('code', path), make('span', facts.summary));
  const details = make('details', '', head, inside);
  details.id = facts.operationId;
  return details;
}
fetch('/openapi.json').then((answer) => answer.json()).then((doc) => {
  const main = document.getElementById('main');
  main.replaceChildren(make('p', doc.info.description));
  const groups = new Map();
  for (const [path, methods] of Object.entries(doc.paths)) {
    for (const [method, facts] of Object.entries(methods)) {
      const tag = facts.tags[0];
      groups.set(tag, [...(groups.get(tag) || []), operation(method, path, facts)]);
    }
  }
  groups.set('Webhooks', Object.values(doc.webhooks || {}).map(({ post }) => operation('post', post.operationId, post)));
  const nav = make('nav');
  main.append(nav);
  const heading = (text) => {
    const title = make('h2', text);
    title.id = text.toLowerCase();
    const link = make('a', text);
    link.href = '#' + title.id;
    nav.append(link);
    return title;
  };
  for (const [tag, operations] of groups) main.append(heading(tag), ...operations);
  const schemas = Object.entries(doc.components.schemas).map(([name, schema]) =>
    make('details', '', make('summary', name), make('pre', shape(schema, 0))));
  main.append(heading('Schemas'), ...schemas);
}).catch(() => {
  document.getElementById('main').textContent = 'The document could not be loaded.';
});
`;

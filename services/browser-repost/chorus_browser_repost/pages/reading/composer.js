// The open composer: {wanted} -> {dialogs, editors, buttons, text}.
// `wanted`: wait for this text; an editor may take a while to take it in.
const BLOCK = /^(P|DIV|LI|UL|OL|BLOCKQUOTE)$/;

// What an editor holds, as a person reads it: each paragraph is a line, each break another one.
// A break at the end of a paragraph only keeps it open.
const typed = (node) => {
  let text = "";
  for (const child of node.childNodes) {
    const begins = child !== node.firstChild;
    if (child.nodeType === Node.TEXT_NODE) text += child.data;
    else if (child.tagName === "BR") text += child === node.lastChild ? "" : "\n";
    else text += (begins && BLOCK.test(child.tagName) ? "\n" : "") + typed(child);
  }
  return text;
};
const folded = (text) =>
  text
    .split("\n")
    .map((line) => line.replace(/\s+/g, " ").trim())
    .join("\n")
    .replace(/^\n+|\n+$/g, "");

return awaited((late) => {
  const dialogs = within(document, select.dialogs);
  const editors = dialogs.length === 1 ? within(dialogs[0], select.editors) : [];
  if (editors.length === 0 && !late) return null;
  const buttons = editors.length === 0 ? [] : controls(dialogs[0]);
  const text = editors.length === 0 ? "" : typed(editors[0]);
  if (typeof arg.wanted === "string" && folded(text) !== arg.wanted && !late) return null;
  return {
    dialogs: dialogs.length,
    editors: editors.length,
    buttons: buttons.filter((each) => named(each) === words.post).length,
    text,
  };
});

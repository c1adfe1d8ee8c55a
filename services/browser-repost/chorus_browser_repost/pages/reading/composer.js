// The open composer: -> {dialogs, editors, buttons, text}.
return awaited((late) => {
  const dialogs = within(document, select.dialogs);
  const editors = dialogs.length === 1 ? within(dialogs[0], select.editors) : [];
  if (editors.length === 0 && !late) return null;
  const buttons = editors.length === 0 ? [] : controls(dialogs[0]);
  return {
    dialogs: dialogs.length,
    editors: editors.length,
    buttons: buttons.filter((each) => named(each) === words.post).length,
    text: tidy(editors[0]?.innerText),
  };
});

using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Collecting;
using LLMEval.Core.Collecting.Sets;
using LLMEval.Core.Common;
using LLMEval.Core.Samples;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;

namespace LLMEval.Blazor.Samples;

/// <summary>Items out of a file: what it holds is shown before anything is stored.</summary>
public sealed partial class ImportSetPage
{
    private const int MostShown = 100;
    private const int Offered = 30;

    private UploadedFile? _file;
    private SetFormat _format;
    private SetPreview? _preview;
    private SetColumns? _columns;
    private SetDetail? _target;
    private SetChoice? _choice;
    private IReadOnlyList<string> _tags = [];
    private IReadOnlyList<string>? _known;
    private bool _goodOnly;
    private bool _isBusy;
    private int _done;
    private Failure? _failure;
    private Failure? _refused;
    private ImportSetReport? _report;

    /// <summary>The set that the items go into; a new one or one to be chosen without it.</summary>
    [SupplyParameterFromQuery(Name = "set")]
    private long? SetId { get; set; }

    protected override async Task OnParametersSetAsync() => _target = SetId is { } id ? await Sets.DetailAsync(id, await Actor.GetAsync(Lifetime), Lifetime) : null;

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isBusy)
        {
            _file?.Dispose();
        }
        base.Dispose(disposing);
    }

    private async Task ChooseAsync(IBrowserFile? file)
    {
        if (file is null || _isBusy)
        {
            return;
        }
        _file?.Dispose();
        (_file, _preview, _columns, _report, _failure) = (null, null, null, null, null);
        _isBusy = true;
        try
        {
            _file = await UploadedFile.TakeAsync(file, _ => { }, Lifetime);
            await using var content = _file.Open();
            _format = await ImportSet.DetectAsync(content, _file.Name, Lifetime);
            await PreviewAsync();
        }
        catch (Exception e) when (e is IOException or JSException or JSDisconnectedException)
        {
            // The browser went away, or the file changed under it, while it was being sent.
            _failure = Failure.Invalid("ImportDamaged", "file", file.Name);
        }
        finally
        {
            _isBusy = false;
        }
    }

    private async Task ReadAsAsync(SetFormat format)
    {
        (_format, _columns, _report) = (format, null, null);
        await PreviewAsync();
    }

    private async Task MapAsync(SetColumns columns)
    {
        (_columns, _report) = (columns, null);
        await PreviewAsync();
    }

    private async Task PreviewAsync()
    {
        await using var content = _file!.Open();
        var result = await Import.PreviewAsync(new ImportSetRequest(content, _file.Name) { Format = _format, Columns = _columns }, Lifetime);
        (_preview, _failure) = (result.Value, result.Failure);
    }

    private async Task ImportAsync()
    {
        var actor = await Actor.GetAsync(Lifetime);
        var target = _target?.Id ?? _choice!.Chosen;
        var made = _target is null ? _choice!.New : null;
        if (target is null && made is null)
        {
            _choice!.SayMissing();
            return;
        }
        (_isBusy, _done, _report, _refused) = (true, 0, null, null);
        try
        {
            var file = _file!;
            await using var content = file.Open();
            var request = new ImportSetRequest(content, file.Name)
            {
                Format = _format,
                Columns = _columns,
                SetId = target,
                NewSet = made,
                Tags = _tags,
                GoodLinesOnly = _goodOnly,
                OpenRejected = file.CreateRejected,
            };
            var progress = new Progress<int>(done => InvokeAsync(() =>
            {
                _done = done;
                StateHasChanged();
            }));
            // The databases' calls may hold their thread; the circuit's own must stay free to show the progress.
            var result = await Task.Run(() => Import.ExecuteAsync(request, actor, progress, Lifetime), Lifetime);
            (_report, _refused) = (result.Value, result.Failure);
            _failure = _target is null ? null : result.Failure;
        }
        finally
        {
            _isBusy = false;
            if (Lifetime.IsCancellationRequested)
            {
                _file?.Dispose();
            }
        }
    }

    private async Task<IEnumerable<string>> KnownTagsAsync(string? text, CancellationToken cancellationToken)
    {
        _known ??= [.. (await Pool.FacetsAsync(await Actor.GetAsync(cancellationToken), cancellationToken)).Tags.Select(t => t.Name)];
        return TagPath.Offered(_known, text, Offered);
    }

    private async Task DownloadAsync()
    {
        using var stream = new DotNetStreamReference(File.OpenRead(_file!.RejectedPath));
        await Script.InvokeVoidAsync("llmeval.download", Lifetime, _file.Name + ".rejected.jsonl", stream);
    }
}
